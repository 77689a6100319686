"""What a model is for, told from the name of its class: the Hub's task names for transformers' architectures."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["task_of"]

_HEADS = {
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForMaskedLM": "fill-mask",
    "WithLMHeadModel": "fill-mask",
    "ForPreTraining": "fill-mask",
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForQuestionAnsweringSimple": "question-answering",
    "ForMultipleChoice": "multiple-choice",
    "ForSeq2SeqLM": "text2text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "ForTableQuestionAnswering": "table-question-answering",
    "ForDocumentQuestionAnswering": "document-question-answering",
    "ForVisualQuestionAnswering": "visual-question-answering",
    "ForImageTextToText": "image-text-to-text",
    "ForImageClassification": "image-classification",
    "ForImageClassificationWithTeacher": "image-classification",
    "ForZeroShotImageClassification": "zero-shot-image-classification",
    "ForVideoClassification": "video-classification",
    "ForObjectDetection": "object-detection",
    "ForZeroShotObjectDetection": "zero-shot-object-detection",
    "ForSemanticSegmentation": "image-segmentation",
    "ForInstanceSegmentation": "image-segmentation",
    "ForUniversalSegmentation": "image-segmentation",
    "ForImageSegmentation": "image-segmentation",
    "ForMaskGeneration": "mask-generation",
    "ForDepthEstimation": "depth-estimation",
    "ForKeypointDetection": "keypoint-detection",
    "ForKeypointMatching": "keypoint-matching",
    "ForImageSuperResolution": "image-to-image",
    "ForCTC": "automatic-speech-recognition",
    "ForRNNT": "automatic-speech-recognition",
    "ForTDT": "automatic-speech-recognition",
    "ForSpeechSeq2Seq": "automatic-speech-recognition",
    "ForSpeechToText": "automatic-speech-recognition",
    "ForAudioClassification": "audio-classification",
    "ForAudioFrameClassification": "audio-classification",
    "ForXVector": "audio-classification",
    "ForTextToSpeech": "text-to-speech",
    "ForTextToSpectrogram": "text-to-speech",
    "ForTextToWaveform": "text-to-speech",
    "ForSpeechToSpeech": "audio-to-audio",
    "ForTimeSeriesPrediction": "time-series-forecasting",
    "ForPrediction": "time-series-forecasting",
}

# Names that say less, or another thing, than what the model does.
_MODELS = {
    "CLIPModel": "zero-shot-image-classification",
    "ChineseCLIPModel": "zero-shot-image-classification",
    "AltCLIPModel": "zero-shot-image-classification",
    "AlignModel": "zero-shot-image-classification",
    "SiglipModel": "zero-shot-image-classification",
    "Siglip2Model": "zero-shot-image-classification",
    "ViTModel": "image-feature-extraction",
    "Dinov2Model": "image-feature-extraction",
    "DINOv3ViTModel": "image-feature-extraction",
    "VisionEncoderDecoderModel": "image-to-text",
    "EncoderDecoderModel": "text2text-generation",
    "SpeechEncoderDecoderModel": "automatic-speech-recognition",
    "VitsModel": "text-to-speech",
    "BarkModel": "text-to-speech",
    "MusicgenForConditionalGeneration": "text-to-audio",
    "MusicgenMelodyForConditionalGeneration": "text-to-audio",
    "MarianMTModel": "translation",
    "TapasForQuestionAnswering": "table-question-answering",
    "ViltForQuestionAnswering": "visual-question-answering",
    "LayoutLMForQuestionAnswering": "document-question-answering",
    "LayoutLMv2ForQuestionAnswering": "document-question-answering",
    "LayoutLMv3ForQuestionAnswering": "document-question-answering",
    "GroundingDinoForObjectDetection": "zero-shot-object-detection",
    "OwlViTForObjectDetection": "zero-shot-object-detection",
    "Owlv2ForObjectDetection": "zero-shot-object-detection",
    "SamModel": "mask-generation",
    "Sam2Model": "mask-generation",
}
# These hear, whatever their heads are called.
_SOUND_ENCODERS = ("Wav2Vec2", "WavLM", "Hubert", "UniSpeech", "SEW", "Data2VecAudio")
_LISTENING = ("Whisper", "Speech2Text", "Moonshine", "Parakeet", "CohereAsr", "GlmAsr")


def task_of(architecture: str, config: Mapping[str, object]) -> str:
    """The task of a model of the class `architecture`, or "" when its name does not tell.

    `config` is its `config.json`: a text generator that has eyes or ears takes images or sounds too.
    """
    if task := _MODELS.get(architecture):
        return task
    # The longest ending wins: XLMWithLMHeadModel ends in LMHeadModel too.
    endings = [ending for ending in _HEADS if architecture.endswith(ending)]
    task = _HEADS[max(endings, key=len)] if endings else ""
    if task == "text-classification" and architecture.startswith(_SOUND_ENCODERS):
        return "audio-classification"
    if task in ("text-generation", "text2text-generation"):
        if architecture.startswith(_LISTENING):
            return "automatic-speech-recognition"
        if isinstance(config.get("vision_config"), dict):
            return "image-text-to-text"
        if isinstance(config.get("audio_config"), dict):
            return "audio-text-to-text"
    if not task and architecture.endswith("Model"):
        return "feature-extraction"
    return task
