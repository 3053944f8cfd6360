/** The OPT record of this server (RFC 6891): a query with one gets one back, which shows that EDNS is understood. */

import { dnssecOk, types, udpSizeMax } from './codes.ts';

export const optionBytes = 11;

/** `code`: of the response, whose upper bits the record holds. Returns where it ends. */
export function writeOption(message: Buffer, at: number, code: number, isDnssec: boolean): number {
  message[at] = 0;
  message.writeUInt16BE(types.OPT, at + 1);
  message.writeUInt16BE(udpSizeMax, at + 3);
  message[at + 5] = code >> 4;
  message[at + 6] = 0;
  message.writeUInt16BE(isDnssec ? dnssecOk : 0, at + 7);
  message.writeUInt16BE(0, at + 9);
  return at + optionBytes;
}
