"""Photos in, labels out, with a pushed model."""

from pipeline.programs.prediction import prediction, predictor

FACES = prediction.FACES
Faces = prediction.Faces
Prediction = prediction.Prediction
Predictor = predictor.Predictor
