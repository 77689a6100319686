"""What is in a model's files before anything loads them.

    for file in scan_revision(revision).files:
        print(file.path, file.verdict.text, [finding.sentence for finding in file.findings])

A scan is a filter and no proof.
"""

from modelkeep.safety.scan import scan_file, scan_folder, scan_revision, scanners
from modelkeep.safety.verdict import FILTER_NOT_PROOF, FileVerdict, Finding, ModelVerdict, Verdict

__all__ = [
    "FILTER_NOT_PROOF",
    "FileVerdict",
    "Finding",
    "ModelVerdict",
    "Verdict",
    "scan_file",
    "scan_folder",
    "scan_revision",
    "scanners",
]
