// Checks the metadata of an event: a JSON object of bounded size and depth, in which every value can be stored
// exactly as it was sent. The walk stops one level past the depth limit, so that deep nesting costs nothing.

export const maxMetadataBytes = 32 * 1024;
export const maxMetadataDepth = 8;

export type Metadata = Readonly<Record<string, unknown>>;
export type MetadataFault = {
  readonly code: 'metadata_too_large' | 'invalid_field';
  readonly message: string;
};

export const isMetadata = (value: unknown): value is Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tooDeep: MetadataFault = {
  code: 'metadata_too_large',
  message: `metadata may nest at most ${maxMetadataDepth} levels; flatten it.`,
};
const tooLong: MetadataFault = {
  code: 'metadata_too_large',
  message: `metadata may hold at most ${maxMetadataBytes} bytes of JSON; shorten it.`,
};
/** The parser makes infinity of a number too large, and of an integer of more digits than a double holds. */
const notKept: MetadataFault = {
  code: 'invalid_field',
  message:
    'metadata holds a number too large, or an integer with too many digits, to be kept; send it as text.',
};
/** Half a surrogate pair has no UTF-8 form. A reader of the stored event would get another text. */
const notUnicode: MetadataFault = {
  code: 'invalid_field',
  message: 'metadata holds half of a surrogate pair (\\ud800 to \\udfff), which is no text.',
};

export function faultOfMetadata(metadata: Metadata): MetadataFault | undefined {
  const fault = faultOf(metadata, 0);
  if (fault) return fault;
  return Buffer.byteLength(JSON.stringify(metadata)) > maxMetadataBytes ? tooLong : undefined;
}

function faultOf(value: unknown, level: number): MetadataFault | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : notUnicode;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : notKept;
  if (typeof value !== 'object' || value === null) return undefined;
  if (level >= maxMetadataDepth) return tooDeep;
  if (Array.isArray(value)) {
    for (const inner of value) {
      const fault = faultOf(inner, level + 1);
      if (fault) return fault;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const fault = key.isWellFormed() ? faultOf((value as Metadata)[key], level + 1) : notUnicode;
    if (fault) return fault;
  }
  return undefined;
}
