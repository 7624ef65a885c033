"""Photos in, labels out, with a pushed model."""

from pipeline.prediction import prediction
from pipeline.prediction import predictor

FACES = prediction.FACES
Faces = prediction.Faces
Prediction = prediction.Prediction
Predictor = predictor.Predictor
