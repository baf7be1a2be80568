// A record as a later release writes it: the beginning is the same, and what follows is its own affair.

import { crc32 } from 'node:zlib';

const checksumAt = 4;
const versionAt = 8;
const idAt = 9;

export function ofLaterVersion(envelope: Uint8Array, version = 99): Buffer {
  const later = Buffer.from(envelope);
  later.writeUInt8(version, versionAt);
  const headStart = idAt + 1 + later.readUInt8(idAt) + 6;
  const bodyStart = headStart + later.readUInt16BE(headStart - 2);
  later.writeUInt32BE(crc32(later.subarray(versionAt, bodyStart)), checksumAt);
  return later;
}
