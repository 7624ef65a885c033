"""What the generator gets to see, in which order, in what shape."""

import numpy as np
import pytest
import tensorflow as tf

from components.shared.core import errors
from components.shared.data import augment
from components.shared.data import training_photos as photos


def _batches(opened, first_step, last_step, batch_size=16, flip=False):
  return list(
    opened.batches(
      seed=5,
      first_step=first_step,
      last_step=last_step,
      batch_size=batch_size,
      latent_size=4,
      flip=flip,
    )
  )


def _epoch(opened, epoch=0, skip=0, batch_size=16):
  steps = 64 // batch_size
  return [
    batch["image"].numpy()
    for batch in _batches(opened, epoch * steps + skip, (epoch + 1) * steps, batch_size)
  ]


@pytest.fixture(params=["cached", "streamed"])
def opened(request, faces_uri):
  return photos.open_photos(
    faces_uri, 16, 16, cache_mebibytes=1 if request.param == "cached" else 0
  )


def test_sees_labeled_and_unlabeled_and_cannot_read_hand_labeled(opened):
  """`hand_labeled` of the fixture is not a TFRecord: reading it fails."""
  assert opened.count == 64
  assert sum(len(batch) for batch in _epoch(opened)) == 64


def test_an_epoch_is_every_photo_once_in_another_order(opened):
  def keys(batches):
    return [image.tobytes() for batch in batches for image in batch]

  one, same, other = (keys(_epoch(opened, epoch)) for epoch in (0, 0, 1))
  assert one == same
  assert one != other
  assert sorted(one) == sorted(other)
  assert len(set(one)) == 64


def test_the_order_does_not_depend_on_the_global_seed(opened):
  tf.random.set_seed(0)
  one = _epoch(opened)
  tf.random.set_seed(1)
  for a, b in zip(one, _epoch(opened), strict=True):
    np.testing.assert_array_equal(a, b)


def test_resuming_within_an_epoch_gives_the_rest_of_it(opened):
  whole, rest = _epoch(opened, 1), _epoch(opened, 1, skip=2)
  assert len(rest) == len(whole) - 2
  for a, b in zip(whole[2:], rest, strict=True):
    np.testing.assert_array_equal(a, b)


def test_random_numbers_of_a_resumed_epoch_are_those_of_the_whole(opened):
  whole, rest = _batches(opened, 4, 8), _batches(opened, 7, 8)
  np.testing.assert_array_equal(whole[3]["noise"], rest[0]["noise"])


def test_batches_go_through_several_epochs(opened):
  once = _epoch(opened, 0) + _epoch(opened, 1) + _epoch(opened, 2)[:1]
  found = _batches(opened, 0, 9)
  assert len(found) == 9
  for a, b in zip(once, found, strict=True):
    np.testing.assert_array_equal(a, b["image"])


def test_some_photos_are_mirrored(opened):
  for plain, flipped in zip(_batches(opened, 0, 4), _batches(opened, 0, 4, flip=True), strict=True):
    np.testing.assert_array_equal(
      flipped["image"], augment.mirror(plain["image"], flipped["mirrored"])
    )
    assert 0 < np.sum(flipped["mirrored"]) < 16


def test_an_incomplete_batch_is_left_out(opened):
  assert [len(batch) for batch in _epoch(opened, batch_size=48)] == [48]


def test_cached_and_streamed_photos_are_the_same(faces_uri):
  cached, streamed = (photos.open_photos(faces_uri, 16, 16, mebibytes) for mebibytes in (1, 0))
  assert cached.cached is not None and streamed.cached is None
  np.testing.assert_array_equal(cached.some(64), streamed.some(64))


def test_streaming_holds_a_window_of_photos_and_no_more(faces_uri, monkeypatch):
  """Files come one after the other, and only a window of records is shuffled:
  the first ones all come from one file, whichever it is."""
  monkeypatch.setattr(photos, "_SHUFFLE_RECORDS", 8)
  streamed = photos.open_photos(faces_uri, 16, 16, cache_mebibytes=0)
  files = [
    {
      photos.to_signed(photos.square(record, 16)).numpy().tobytes()
      for record in tf.data.TFRecordDataset(path, compression_type="GZIP")
    }
    for path in photos.files(faces_uri)
  ]
  assert len(files) == 4 and min(map(len, files)) == 12
  keys = [image.tobytes() for image in np.concatenate(_epoch(streamed, batch_size=8))]
  assert sum(set(keys[:8]) <= file for file in files) == 1
  assert sorted(keys) == sorted(key for file in files for key in file)


def test_too_few_photos_are_refused(faces_uri):
  with pytest.raises(errors.UserError, match="64 photos .* batches of 65"):
    photos.open_photos(faces_uri, 16, 65, 1)


def test_takes_the_middle_of_a_photo():
  image = np.zeros([40, 20, 3], np.uint8)
  image[10:30] = 200
  square = photos.middle(tf.io.encode_png(image), 10)
  np.testing.assert_array_equal(square, np.full([10, 10, 3], 200))
