"""From encoded photos to a face network's input, in TensorFlow ops."""

import tensorflow as tf


def decode_faces(images: tf.Tensor, size: int) -> tf.Tensor:
  """Decodes, crops and resizes photos with the face in the middle.

  Of each photo the central square is taken, as wide as its shorter side, and
  resized with an antialiased bilinear filter. Photos and synthetic faces,
  which show just such a square, are treated alike.

  Tighter squares did worse with FaceNet on aligned CelebA photos. Logistic
  regression for *Male* on 403 photos (000101 to 000506), 5-fold
  cross-validation repeated 4 times, accuracy / AUC by the square's side:

  | 178 px    | 169 px    | 160 px    | 142 px    | 125 px    |
  |-----------|-----------|-----------|-----------|-----------|
  | .947/.986 | .943/.985 | .906/.974 | .878/.961 | .878/.947 |

  Args:
    images: string [n], encoded images (JPEG, PNG, BMP or GIF).
    size: height and width of the result in pixels.

  Returns:
    float32 [n, size, size, 3], RGB, 0 to 255.
  """
  return tf.map_fn(
    lambda image: _face(image, size),
    images,
    fn_output_signature=tf.TensorSpec((size, size, 3), tf.float32),
  )


def _face(image: tf.Tensor, size: int) -> tf.Tensor:
  pixels = tf.io.decode_image(image, channels=3, expand_animations=False)
  pixels = tf.ensure_shape(pixels, (None, None, 3))
  height, width = tf.unstack(tf.shape(pixels)[:2])
  side = tf.minimum(height, width)
  square = tf.image.crop_to_bounding_box(
    pixels, (height - side) // 2, (width - side) // 2, side, side
  )
  return tf.image.resize(square, (size, size), antialias=True)
