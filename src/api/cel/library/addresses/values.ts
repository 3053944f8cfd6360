/** Addresses and ranges as values of expressions. */

import { goQuoted } from '#wire/json/go-values.ts';
import { formatIp, isMappedIpv4 } from '../../../values/ip.ts';
import { opaqueType } from '../../types/type.ts';
import { OpaqueValue } from '../../values/equal.ts';
import { ErrorValue, noSuchOverload, type Value } from '../../values/value.ts';
import { type Address, AddressProblem, parseAddress, parsePrefix } from './parse.ts';

export const ipType = opaqueType('net.IP');
export const cidrType = opaqueType('net.CIDR');

export const asIp = ({ bytes }: Pick<Address, 'bytes'>) =>
  ({ family: bytes.length === 4 ? 4 : 6, bytes }) as const;

const isMapped = (address: Address) => isMappedIpv4(asIp(address));

export class IpValue extends OpaqueValue {
  readonly type = ipType;
  readonly bytes: readonly number[];
  override readonly costSize: number;

  constructor(bytes: readonly number[]) {
    super();
    this.bytes = bytes;
    this.costSize = bytes.length;
  }

  static parse(text: string): IpValue | ErrorValue {
    const address = parseAddress(text);
    const quoted = goQuoted(text);
    if (address instanceof AddressProblem) {
      return new ErrorValue(
        `IP Address ${quoted} parse error during conversion from string: ${address.message}`,
      );
    }
    if (address.zone !== '') return new ErrorValue(`IP address ${quoted} with zone value is not allowed`);
    if (isMapped(address)) return new ErrorValue(`IPv4-mapped IPv6 address ${quoted} is not allowed`);
    return new IpValue(address.bytes);
  }

  equals(other: Value): boolean | ErrorValue {
    return other instanceof IpValue ? this.toString() === other.toString() : noSuchOverload;
  }

  override toString(): string {
    return formatIp(asIp(this));
  }
}

export class CidrValue extends OpaqueValue {
  readonly type = cidrType;
  readonly bytes: readonly number[];
  readonly bits: number;
  override readonly costSize: number;

  constructor(bytes: readonly number[], bits: number) {
    super();
    this.bytes = bytes;
    this.bits = bits;
    this.costSize = Math.ceil(bits / 8);
  }

  static parse(text: string): CidrValue | ErrorValue {
    const prefix = parsePrefix(text);
    const failed = (why: string) =>
      new ErrorValue(`network address parse error during conversion from string: ${why}`);
    if (prefix instanceof AddressProblem) {
      return failed(`network address parse error during conversion from string: ${prefix.message}`);
    }
    if (isMapped(prefix.address)) return failed(`IPv4-mapped IPv6 address ${goQuoted(text)} is not allowed`);
    return new CidrValue(prefix.address.bytes, prefix.bits);
  }

  /** Without the bits of the host. */
  masked(): CidrValue {
    const bytes = this.bytes.map((byte, index) => {
      const own = Math.min(Math.max(this.bits - index * 8, 0), 8);
      return byte & ~(0xff >> own) & 0xff;
    });
    return new CidrValue(bytes, this.bits);
  }

  contains({ bytes }: { readonly bytes: readonly number[] }): boolean {
    if (bytes.length !== this.bytes.length) return false;
    const masked = new CidrValue(bytes, this.bits).masked();
    return this.masked().bytes.every((byte, index) => byte === masked.bytes[index]);
  }

  equals(other: Value): boolean | ErrorValue {
    return other instanceof CidrValue ? this.toString() === other.toString() : noSuchOverload;
  }

  override toString(): string {
    return `${formatIp(asIp(this))}/${this.bits}`;
  }
}
