"""The life of a model: found, initialized, trained, asked; and a registry of models by name.

Source of names and promises: caikit 0.29.1, `caikit.core.model_management`, and the model registry of Med-vLLM.
"""
