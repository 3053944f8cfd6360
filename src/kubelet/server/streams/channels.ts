/** The channels of one WebSocket: which sub-protocol is used, and how a message names its channel. */

import type { IncomingMessage } from 'node:http';

export interface ChannelProtocol {
  /** Undefined when the caller requested no sub-protocol. */
  readonly name: string | undefined;
  /** Messages are text, the channel a digit before the content in base64. */
  readonly base64: boolean;
  /**
   * The end of a command is sent as a Status; older protocols send nothing on success and a text on failure.
   */
  readonly sendsStatus: boolean;
  /** The caller can end one channel, above all stdin, and read on. */
  readonly endsChannels: boolean;
}

export interface ChannelMessage {
  readonly channel: number;
  readonly content: Buffer;
}

const closeSignal = 255;
const firstDigit = '0'.charCodeAt(0);

/** As it is named by all who need stdin to end; spoken whenever it is offered. */
const newest = 'v5.channel.k8s.io';

const commandProtocols: readonly ChannelProtocol[] = [
  { name: newest, base64: false, sendsStatus: true, endsChannels: true },
  { name: 'v4.channel.k8s.io', base64: false, sendsStatus: true, endsChannels: false },
  { name: 'v4.base64.channel.k8s.io', base64: true, sendsStatus: true, endsChannels: false },
  { name: 'channel.k8s.io', base64: false, sendsStatus: false, endsChannels: false },
  { name: 'base64.channel.k8s.io', base64: true, sendsStatus: false, endsChannels: false },
  { name: undefined, base64: false, sendsStatus: false, endsChannels: false },
];

export function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'] ?? '';
  return header.split(',').flatMap((protocol) => protocol.trim() || []);
}

/**
 * The sub-protocol for a remote command, in the caller's order of preference. Undefined when the kubelet
 * supports none of those he offers.
 */
export function commandProtocol(request: IncomingMessage): ChannelProtocol | undefined {
  const offered = offeredProtocols(request);
  const byName = (name: string | undefined) => commandProtocols.find((protocol) => protocol.name === name);
  if (offered.length === 0) return byName(undefined);
  if (offered.includes(newest)) return byName(newest);
  return offered.flatMap((name) => byName(name) ?? [])[0];
}

export function encodeMessage(
  { base64 }: ChannelProtocol,
  channel: number,
  content: Uint8Array,
): Buffer | string {
  if (base64) return `${channel}${Buffer.from(content).toString('base64')}`;
  return Buffer.concat([Buffer.from([channel]), content]);
}

/** Undefined for what belongs to no channel. */
export function decodeMessage({ base64 }: ChannelProtocol, data: Buffer): ChannelMessage | undefined {
  const channel = data[0];
  if (channel === undefined) return undefined;
  const content = data.subarray(1);
  if (!base64) return { channel, content };
  return { channel: channel - firstDigit, content: Buffer.from(content.toString('latin1'), 'base64') };
}

/** The channel that the caller ends with this message. */
export function endedChannel({ endsChannels }: ChannelProtocol, message: ChannelMessage): number | undefined {
  return endsChannels && message.channel === closeSignal ? message.content[0] : undefined;
}
