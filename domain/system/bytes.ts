// Numbers, texts and bytes one after the other. A number takes seven bits a byte, the lowest first: counts are small.

const sevenBits = 128;
/** Numbers of fewer bytes are exact as a double. */
const exactBytes = 7;

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  /** A whole number from 0 to 2^53 − 1. */
  number(value: number): void {
    let rest = value;
    for (; rest >= sevenBits; rest = Math.floor(rest / sevenBits)) this.#byte((rest % sevenBits) | sevenBits);
    this.#byte(rest);
  }

  /** Of any size and sign. */
  integer(value: bigint): void {
    let rest = value < 0n ? -2n * value - 1n : 2n * value;
    if (rest <= Number.MAX_SAFE_INTEGER) {
      this.number(Number(rest));
      return;
    }
    for (; rest >= sevenBits; rest >>= 7n) this.#byte(Number(rest & 127n) | sevenBits);
    this.#byte(Number(rest));
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + bytes));
    larger.set(this.written());
    this.#bytes = larger;
  }
}

/** Throws where the bytes end early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(): number {
    let byte = this.#byte();
    let value = byte % sevenBits;
    for (let scale = sevenBits; byte >= sevenBits; scale *= sevenBits) {
      byte = this.#byte();
      value += (byte % sevenBits) * scale;
    }
    return value;
  }

  integer(): bigint {
    const from = this.#at;
    const value = this.number();
    if (this.#at - from < exactBytes) return BigInt(value % 2 === 0 ? value / 2 : -(value + 1) / 2);
    let whole = 0n;
    for (let at = this.#at - 1; at >= from; at -= 1)
      whole = (whole << 7n) | BigInt((this.#bytes[at] ?? 0) & 127);
    return whole % 2n === 0n ? whole / 2n : -(whole + 1n) / 2n;
  }

  /** Not a copy. */
  bytes(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('The bytes end early.');
    return this.#bytes.subarray(from, this.#at);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('The bytes end early.');
    this.#at += 1;
    return byte;
  }
}
