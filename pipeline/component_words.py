"""What each component does, in half a sentence, by its id in the DAG."""

_WORDS = {
  "EmbeddingNetwork": "builds the face network",
  "FaceExampleGen": "reads the photos",
  "FaceSchema": "says what photos have to look like",
  "FaceStatistics": "counts what the photos hold",
  "FaceValidator": "checks the photos",
  "FaceGate": "stops the run if they are not as they should be",
  "EmbeddingEngine": "makes the face network quick on this machine",
  "RealFaceEmbedder": "turns photos into embeddings",
  "VaeGanTrainer": "trains the face generator on the photos",
  "PretrainedGenerator": "takes a face generator from a package",
  "ImportedGenerator": "takes a face generator from a folder",
  "LatentCodes": "encodes the photos, and draws faces",
  "AnnotationGen": "reads the labels",
  "LabeledEmbeddings": "joins embeddings and labels",
  "FirstLadder": "learns from labels alone, for a first answer",
  "LatentDirections": "finds where in the generator the attribute is",
  "SyntheticFaceGen": "makes synthetic faces with labels",
  "SyntheticFaceEmbedder": "turns synthetic faces into embeddings",
  "LabelFilter": "keeps the faces that look like their label",
  "ExamplesUnion": "puts photos and faces together",
  "EmbeddingSchema": "says what embeddings have to look like",
  "EmbeddingStatistics": "counts what the embeddings hold",
  "LabeledEmbeddingValidator": "checks the embeddings with labels",
  "UnlabeledEmbeddingValidator": "checks the embeddings without",
  "EmbeddingDriftValidator": "measures how far faces are from photos",
  "LabelDriftValidator": "compares the shares of labels",
  "EmbeddingGate": "stops the run if they are not as they should be",
  "Transform": "standardises the embeddings",
  "Trainer": "trains the classifier",
  "LatestBlessedModel": "looks for the last model that was blessed",
  "Evaluator": "judges the classifier on the hand-labelled photos",
  "ServingGate": "tries the model as a server would",
  "Pusher": "pushes the model, if it was blessed",
  "Ladder": "trains what the model is compared with",
  "SyntheticMeasures": "measures the synthetic faces",
  "Report": "writes the report",
}


def shown(component: str) -> str:
  """What follows a component's id; nothing for one that is not known."""
  return f": {_WORDS[component]}" if component in _WORDS else ""
