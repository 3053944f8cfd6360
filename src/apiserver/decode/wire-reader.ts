/** Walks the fields of one protobuf message, without knowing what they mean. */

/** A varint, or the bytes of anything else. */
export type WireValue = bigint | Uint8Array;

export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The varints of a packed list. */
  static packed(bytes: Uint8Array): bigint[] {
    const reader = new WireReader(bytes);
    const values: bigint[] = [];
    while (reader.#at < bytes.length) values.push(reader.#varint());
    return values;
  }

  *[Symbol.iterator](): Generator<{ number: number; value: WireValue }> {
    while (this.#at < this.#bytes.length) {
      const tag = Number(this.#varint());
      yield { number: tag >>> 3, value: this.#value(tag & 7) };
    }
  }

  #value(wireType: number): WireValue {
    switch (wireType) {
      case 0:
        return this.#varint();
      case 1:
        return this.#take(8);
      case 2:
        return this.#take(Number(this.#varint()));
      case 5:
        return this.#take(4);
      default:
        throw new ProtobufError(`unknown wire type ${wireType}`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new ProtobufError('unexpected EOF');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('integer overflow');
  }
}
