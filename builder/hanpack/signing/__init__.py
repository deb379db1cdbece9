"""Signed statements about a build, and certificates for single rows of it."""

from hanpack.signing.certificates import certify_chunk, certify_record, check_certificate
from hanpack.signing.signatures import check_signature, sign

__all__ = ["certify_chunk", "certify_record", "check_certificate", "check_signature", "sign"]
