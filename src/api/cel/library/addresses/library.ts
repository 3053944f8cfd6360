/** Functions of IP addresses and ranges of them. */

import {
  type IpAddress,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
} from '../../../values/ip.ts';
import type { Library } from '../../declarations/environment.ts';
import { declare, method, overload } from '../../declarations/function.ts';
import { boolType, intType, stringType } from '../../types/type.ts';
import { isError, type Value } from '../../values/value.ts';
import { asIp, CidrValue, cidrType, IpValue, ipType } from './values.ts';

const is = (name: string, id: string, test: (ip: IpAddress) => boolean) =>
  declare(
    name,
    method(id, [ipType], boolType, (ip: IpValue) => test(asIp(ip))),
  );

const isMulticast = ({ family, bytes }: IpAddress) =>
  family === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff;

const isBroadcast = ({ family, bytes }: IpAddress) => family === 4 && bytes.every((byte) => byte === 255);

/** As Go: all addresses but those with a special meaning on the own machine or link; private ones included. */
const isGlobalUnicast = (ip: IpAddress) =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && !isBroadcast(ip);

function isCanonical(text: string): Value {
  const ip = IpValue.parse(text);
  return isError(ip) ? ip : ip.toString() === text;
}

function containsIpText(cidr: CidrValue, text: string): Value {
  const ip = IpValue.parse(text);
  return isError(ip) ? ip : cidr.contains(ip);
}

const containsCidr = (cidr: CidrValue, other: CidrValue): Value =>
  cidr.bits <= other.bits && cidr.contains(other);

function containsCidrText(cidr: CidrValue, text: string): Value {
  const other = CidrValue.parse(text);
  return isError(other) ? other : containsCidr(cidr, other);
}

export const addresses: Library = {
  functions: [
    declare(
      'ip',
      overload('string_to_ip', [stringType], ipType, IpValue.parse),
      method('cidr_ip', [cidrType], ipType, (cidr: CidrValue) => new IpValue(cidr.bytes)),
    ),
    declare('ip.isCanonical', overload('ip_is_canonical', [stringType], boolType, isCanonical)),
    declare(
      'isIP',
      overload('is_ip', [stringType], boolType, (text: string) => !isError(IpValue.parse(text))),
    ),
    declare(
      'family',
      method('ip_family', [ipType], intType, (ip: IpValue) => asIp(ip).family),
    ),
    is('isUnspecified', 'ip_is_unspecified', isUnspecified),
    is('isLoopback', 'ip_is_loopback', isLoopback),
    is('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
    is('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    is('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
    declare('cidr', overload('string_to_cidr', [stringType], cidrType, CidrValue.parse)),
    declare(
      'isCIDR',
      overload('is_cidr', [stringType], boolType, (text: string) => !isError(CidrValue.parse(text))),
    ),
    declare(
      'containsIP',
      method('cidr_contains_ip_string', [cidrType, stringType], boolType, containsIpText),
      method('cidr_contains_ip_ip', [cidrType, ipType], boolType, (cidr: CidrValue, ip: IpValue) =>
        cidr.contains(ip),
      ),
    ),
    declare(
      'containsCIDR',
      method('cidr_contains_cidr_string', [cidrType, stringType], boolType, containsCidrText),
      method('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr),
    ),
    declare(
      'prefixLength',
      method('cidr_prefix_length', [cidrType], intType, (cidr: CidrValue) => cidr.bits),
    ),
    declare(
      'masked',
      method('cidr_masked', [cidrType], cidrType, (cidr: CidrValue) => cidr.masked()),
    ),
    declare(
      'string',
      overload('ip_to_string', [ipType], stringType, String),
      overload('cidr_to_string', [cidrType], stringType, String),
    ),
  ],
  types: [ipType, cidrType],
};
