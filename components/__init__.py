"""The pipeline's own TFX components, one folder each; shared ground lies beside them."""
