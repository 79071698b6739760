"""Cryptography's only home: key ring, data keys, sealed fields, key check."""
