/** The numbers of DNS messages that this server reads or writes (RFC 1035, 3596, 2782, 6891). */

export const headerBytes = 12;
/** Longest name as it is sent, its last empty label included. */
export const nameBytesMax = 255;
export const labelBytesMax = 63;

export const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
} as const;

export const classInternet = 1;

export const responseCodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  /** Needs an OPT record, which holds its upper bits. */
  badVersion: 16,
} as const;

/** Bits of the second 16 bits of a header. */
export const flags = {
  response: 1 << 15,
  authoritativeAnswer: 1 << 10,
  truncated: 1 << 9,
  recursionDesired: 1 << 8,
  recursionAvailable: 1 << 7,
  authenticData: 1 << 5,
  checkingDisabled: 1 << 4,
} as const;

/** Of the OPT record's flags. */
export const dnssecOk = 1 << 15;

export const opcodeShift = 11;
export const opcodeMask = 0xf;
export const opcodeQuery = 0;
export const responseCodeMask = 0xf;

/** RFC 1035: what a client without EDNS takes over UDP. */
export const udpSizeDefault = 512;
/** Larger datagrams are fragmented, and losing one fragment loses all. */
export const udpSizeMax = 1232;
