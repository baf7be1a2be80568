// The size of an item as DynamoDB counts it, from its form on the wire: the lengths of names and values.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html

export type WireItem = Readonly<Record<string, WireValue>>;
/** `{ S: 'text' }`: one property, named after the type. */
export type WireValue = Readonly<Record<string, unknown>>;

/** Billed as storage for every item and every copy in an index, but not part of write units. */
export const overheadBytes = 100;

const textBytes = (value: unknown): number => Buffer.byteLength(String(value));
const binaryBytes = (value: unknown): number => Buffer.byteLength(String(value), 'base64');
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Two digits a byte, without leading and trailing zeros, plus one byte, and one more if negative. */
function numberBytes(value: unknown): number {
  const [mantissa = ''] = String(value).split(/e/i);
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (mantissa.startsWith('-') ? 1 : 0);
}

const sizes: Readonly<Record<string, (value: never) => number>> = {
  S: textBytes,
  N: numberBytes,
  B: binaryBytes,
  BOOL: () => 1,
  NULL: () => 1,
  M: (map: WireItem) => 3 + itemBytes(map) + Object.keys(map).length,
  L: (list: readonly WireValue[]) => 3 + sum(list.map((value) => 1 + valueBytes(value))),
};

export function valueBytes(value: WireValue): number {
  const [type = '', inner] = Object.entries(value)[0] ?? [];
  const size = sizes[type];
  if (!size) throw new Error(`The size of a value of type ${type} is unknown. Add it to the list of sizes.`);
  return size(inner as never);
}

export const itemBytes = (item: WireItem): number =>
  sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));
