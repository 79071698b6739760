"""Sealed columns: text and JSON that stand in the database as ciphertext and open on first access."""

import base64
import binascii
import json
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.lookups import IsNull

from vault.errors import VaultError
from vault.held import DumpedBlob, Unopened, Value
from vault.sealing import SHORTEST, Blob, Place, key_id_of, seal, unseal

if TYPE_CHECKING:
    _Base = models.Field[Any, Any]
else:
    _Base = models.Field

DUMP_MARK = "sealed:"
# While a row is read anew from the database, its sealed values are moved as they are.
_moving: ContextVar[bool] = ContextVar("moving", default=False)


class _Opener:
    """Descriptor: opens a sealed value the first time somebody asks for it."""

    def __init__(self, field: "SealedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        held = instance.__dict__.get(self.field.attname)
        if _moving.get() or isinstance(held, DumpedBlob):
            return held
        if held is None:
            if self.field.attname in instance.get_deferred_fields():
                instance.refresh_from_db(fields=[self.field.attname])
                return self.__get__(instance, owner)
            return None
        if held.text is Unopened.TEXT:
            held.text = self.field.open(instance, held.blob)
            held.place = self.field.place(instance)
        return self.field.loads(held.text)

    def __set__(self, instance: models.Model, value: Any) -> None:
        if value is None or isinstance(value, Value | DumpedBlob):
            instance.__dict__[self.field.attname] = value
        elif isinstance(value, Blob):
            instance.__dict__[self.field.attname] = Value(value)
        else:
            instance.__dict__[self.field.attname] = Value(None, self.field.dumps(value))


def _closed(refresh: Callable[..., None]) -> Callable[..., None]:
    """Wrap `refresh_from_db` so that it opens nothing: one damaged value would keep the whole row from being read."""

    @wraps(refresh)
    def refresh_from_db(self: models.Model, *args: Any, **kwargs: Any) -> None:
        token = _moving.set(True)
        try:
            refresh(self, *args, **kwargs)
        finally:
            _moving.reset(token)

    refresh_from_db.opens_nothing = True  # type: ignore[attr-defined] # a mark, so that it is wrapped once
    return refresh_from_db


class SealedTextField(_Base):
    """A text sealed under the data key of the row's owner.

    The model names the owner: `vault_owner = "client_id"`. Reading raises VaultError where the value does not open.
    A value that nobody changed is written back as the same ciphertext, so that a form cannot overwrite what it could
    not read. No lookup but `isnull`.
    """

    description = "Sealed text"
    descriptor_class = _Opener

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not hasattr(cls.refresh_from_db, "opens_nothing"):
            setattr(cls, "refresh_from_db", _closed(cls.refresh_from_db))  # noqa: B010 - mypy takes no new method

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_type(self, connection: Any) -> str | None:
        return models.BinaryField().db_type(connection)

    # --- text <-> what the seal holds -----------------------------------------------------------
    def dumps(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes a text, not {type(value).__name__}.")
        return value

    def loads(self, text: str) -> Any:
        return text

    # --- sealing --------------------------------------------------------------------------------
    def place(self, instance: models.Model) -> Place:
        """Say what a value of this row is bound to. Raise VaultError while the row has no owner."""
        owner_id = getattr(instance, getattr(type(instance), "vault_owner", ""), None)
        if not isinstance(owner_id, UUID) or not isinstance(instance.pk, UUID):
            raise VaultError(f"{instance._meta.label}.{self.name}: the row has no owner whose key could seal it.")
        model = instance._meta.concrete_model or type(instance)
        return Place(model._meta.label, str(self.column), instance.pk, owner_id)

    def open(self, instance: models.Model, blob: bytes) -> str:
        """Return the text of a blob. Raise VaultError where it is damaged or belongs elsewhere."""
        from vault.services import data_key  # the models of this room use this field

        place = self.place(instance)
        wanted = key_id_of(blob, place)
        key_id, key = data_key(place.owner_id, wanted=wanted)
        if key_id != wanted:
            raise VaultError(f"{place}: sealed under another key than its owner's.")
        return unseal(blob, key=key, place=place)

    def pre_save(self, model_instance: models.Model, add: bool) -> Blob | None:
        """Return the blob to write: the one that stands there where nothing changed, else the text sealed anew."""
        if self.attname not in model_instance.__dict__ and not add:
            model_instance.refresh_from_db(fields=[self.attname])  # deferred: not loaded is not empty
        held: Value | DumpedBlob | None = model_instance.__dict__.get(self.attname)
        if held is None or isinstance(held, DumpedBlob):
            return held
        place = self.place(model_instance)
        if held.blob is not None and held.place != place and self._belongs_elsewhere(model_instance, held, add):
            held.blob = None
        if held.blob is None:
            key_id, key = self._sealing_key(model_instance, place)
            held.blob, held.place = seal(held.text, key_id=key_id, key=key, place=place), place
        return held.blob

    def _sealing_key(self, instance: models.Model, place: Place) -> tuple[UUID, bytes]:
        """Return the owner's key, looked up once for all sealed columns of a row in memory."""
        from vault.services import sealing_key

        known: tuple[UUID, tuple[UUID, bytes]] | None = getattr(instance._state, "sealing_key", None)
        if known is None or known[0] != place.owner_id:
            known = place.owner_id, sealing_key(place.owner_id)
            setattr(instance._state, "sealing_key", known)  # noqa: B010 - Django's state takes what it is given
        return known[1]

    def _belongs_elsewhere(self, instance: models.Model, held: Value, add: bool) -> bool:
        """Say whether an opened text has come to another row. Raise VaultError for one that cannot be opened there.

        A blob that was never opened is written back to its own row as it is, be it damaged; into a new row only when
        it opens in it.
        """
        if held.place is not None:
            return True
        if add or self._is_anothers(instance, held):
            held.text, held.place = self.open(instance, held.blob or b""), self.place(instance)
        return False

    def _is_anothers(self, instance: models.Model, held: Value) -> bool:
        """Say whether a blob names the key of another owner: the row was given to somebody else."""
        from vault.services import is_anothers

        place = self.place(instance)
        try:
            return is_anothers(key_id_of(held.blob or b"", place), place.owner_id)
        except VaultError:
            return False  # damaged: it stays as it is, and says so when it is opened

    # --- database -------------------------------------------------------------------------------
    def db_check(self, connection: Any) -> str:
        """Let the database refuse what is no sealed value, such as a text written past the ORM."""
        column = connection.ops.quote_name(self.column)
        first = "x'01'" if connection.vendor == "sqlite" else r"'\x01'::bytea"
        return f"{column} IS NULL OR (length({column}) >= {SHORTEST} AND substr({column}, 1, 1) = {first})"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Blob | None:
        if value is None:
            return None
        # Anything else than bytes is damage: it fails where it is opened, and the list around it stands.
        return Blob(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Blob):
            raise FieldError(f"{self.name} is sealed: set it on a row and save the row.")
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: no lookup but isnull can be asked of it.")
        return IsNull

    def get_transform(self, lookup_name: str) -> Any:
        return None

    # --- dumpdata gives ciphertext ----------------------------------------------------------------
    def value_from_object(self, obj: models.Model) -> Any:
        return self.pre_save(obj, False)

    def value_to_string(self, obj: models.Model) -> str:
        blob = self.value_from_object(obj)
        return "" if blob is None else DUMP_MARK + base64.b64encode(blob).decode()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(DUMP_MARK):
            try:
                return DumpedBlob(base64.b64decode(value[len(DUMP_MARK) :], validate=True))
            except binascii.Error as error:
                raise ValidationError(f"{self.name}: a sealed value in this dump is damaged.") from error
        return value

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        # Without to_python: a text that somebody types may begin like a dump.
        self.validate(value, model_instance)
        self.run_validators(value)
        return value


class SealedJSONField(SealedTextField):
    """JSON sealed like text. What is read is a copy: assign a new value to change it."""

    description = "Sealed JSON"

    def dumps(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def loads(self, text: str) -> Any:
        return json.loads(text)
