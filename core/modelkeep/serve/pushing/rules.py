"""Which files are sent how: as LFS, or inside of the commit.

Source: https://huggingface.co/docs/hub/repositories-getting-started and what the Hub answers to `preupload`.
"""

from __future__ import annotations

from modelkeep.archive.lfs import LFS_FROM, LfsRules

__all__ = ["first_attributes", "is_lfs"]

_LFS = """
*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz *.onnx *.ot
*.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite *.tgz *.wasm *.xz
*.zip *.zst *tfevents*
"""
_LFS_OF_DATASETS = """
*.lz4 *.mds *.pcm *.sam *.raw *.aac *.flac *.mp3 *.ogg *.wav *.bmp *.gif *.png *.tiff *.jpg *.jpeg *.webp *.mp4 *.webm
"""
# Weights, even where the attributes of an old repository do not know them.
_WEIGHTS = (
    ".safetensors",
    ".gguf",
    ".ggml",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".onnx",
    ".h5",
    ".msgpack",
    ".npz",
)


def first_attributes(repo_type: str) -> bytes:
    """The `.gitattributes` that the Hub writes into a new repository."""
    patterns = (_LFS + _LFS_OF_DATASETS if repo_type == "dataset" else _LFS).split()
    return "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns).encode()


def is_lfs(rules: LfsRules, path: str, size: int, sample: bytes) -> bool:
    """Whether a file is to come as LFS; `sample` is how its content begins. An empty file never is."""
    if not size:
        return False
    return (
        size > LFS_FROM
        or path.lower().endswith(_WEIGHTS)
        or b"\0" in sample  # by which git tells binary from text
        or rules.is_lfs(path, size)
    )
