"""Models by the names that teams know them by: several named backends behind one den, as medcat-den has them.

    den = get_default_den()
    for info in den.list_available_base_models():
        print(info.model_id, info.model_card["Description"])
    cat = den.fetch_model(info)

The names and signatures are those of medcat-den 0.6.0; docs/den.md says where this behaves otherwise.
"""

from modelkeep.den.backend import FileBackend
from modelkeep.den.config import DenConfig, LocalCacheConfig, LocalDenConfig, RemoteDenConfig
from modelkeep.den.den import Den
from modelkeep.den.failures import (
    CannotDeleteBaseModel,
    CannotSaveOnDiskException,
    CannotSendToRemoteException,
    CannotWrapModel,
    DenConfigError,
    DuplicateModelException,
    NoSuchBackendException,
    NoSuchModel,
    NotAllowedToFineTuneLocallyException,
    UnsupportedAPIException,
)
from modelkeep.den.info import ModelInfo
from modelkeep.den.kinds import (
    DenType,
    get_registered_remote_den,
    has_registered_remote_den,
    register_remote_den,
)
from modelkeep.den.lineage import Lineage
from modelkeep.den.loaders import register_loader
from modelkeep.den.local import LocalFileDen
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.protocol import DenBackend
from modelkeep.den.resolve import (
    get_default_den,
    get_default_machine_local_den,
    get_default_user_local_den,
)
from modelkeep.den.summary import summarise

__all__ = [
    "get_default_den",
    "get_default_user_local_den",
    "get_default_machine_local_den",
    "summarise",
    "Den",
    "DenBackend",
    "FileBackend",
    "LocalFileDen",
    "LocalCache",
    "ModelInfo",
    "Lineage",
    "DenType",
    "register_remote_den",
    "has_registered_remote_den",
    "get_registered_remote_den",
    "register_loader",
    "DenConfig",
    "LocalDenConfig",
    "RemoteDenConfig",
    "LocalCacheConfig",
    "CannotDeleteBaseModel",
    "CannotSaveOnDiskException",
    "CannotSendToRemoteException",
    "CannotWrapModel",
    "DenConfigError",
    "DuplicateModelException",
    "NoSuchBackendException",
    "NoSuchModel",
    "NotAllowedToFineTuneLocallyException",
    "UnsupportedAPIException",
]
