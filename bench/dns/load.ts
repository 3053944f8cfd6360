/** Clients of the DNS bench: as many queries as the server answers, or a fixed rate with the time of each. */

import { createSocket, type Socket } from 'node:dgram';
import { loopback, queries } from './queries.ts';

const sockets = 4;
const inFlightEach = 32;
const warmUpMs = 1000;
const measuredMs = 4000;
const idCount = 65_536;
/** Calls that are made late. */
const lateMax = 32;
/** A query that is not answered for so long is lost: another takes its place. */
const lostMs = 500;

/** Queries per second, with 128 in flight. */
export async function throughput(port: number): Promise<number> {
  const clients = await connected(port);
  const asked = queries();
  let answered = 0;
  let next = 0;
  const ask = (socket: Socket) => socket.send(asked[next++ % asked.length] ?? '');
  for (const socket of clients) {
    let last = performance.now();
    socket.on('message', () => {
      answered++;
      last = performance.now();
      ask(socket);
    });
    const fill = () => {
      for (let i = 0; i < inFlightEach; i++) ask(socket);
    };
    fill();
    const lost = setInterval(() => performance.now() - last > lostMs && fill(), lostMs);
    socket.on('close', () => clearInterval(lost));
  }
  await pause(warmUpMs);
  const [before, start] = [answered, performance.now()];
  await pause(measuredMs);
  const rate = ((answered - before) * 1000) / (performance.now() - start);
  for (const socket of clients) socket.close();
  return rate;
}

export interface Latency {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
}

/** Sends `rate` queries a second, whether they are answered or not. */
export async function latencyAt(port: number, rate: number): Promise<Latency> {
  const clients = await connected(port);
  const asked = queries();
  const sentAt = new Float64Array(idCount);
  const times: number[] = [];
  for (const socket of clients) {
    socket.on('message', (answer) => times.push(performance.now() - (sentAt[answer.readUInt16BE(0)] ?? 0)));
  }
  let sent = 0;
  const whole = warmUpMs + measuredMs;
  const sendOne = () => {
    const query = Buffer.from(asked[sent % asked.length] ?? '');
    const id = sent % idCount;
    query.writeUInt16BE(id, 0);
    sentAt[id] = performance.now();
    clients[sent++ % sockets]?.send(query);
  };
  await atRate(rate, whole, sendOne);
  await pause(lostMs);
  for (const socket of clients) socket.close();
  const lost = sent - times.length;
  const counted = times.slice(Math.floor((times.length * warmUpMs) / whole)).sort((a, b) => a - b);
  const at = (part: number) => counted[Math.floor(counted.length * part)] ?? Number.NaN;
  return { rate: (counted.length * 1000) / measuredMs, p50Ms: at(0.5), p99Ms: at(0.99), lost };
}

/** Calls `fn` at an even rate; calls that this process was too late for are left out, not made at once. */
function atRate(rate: number, forMs: number, fn: () => void): Promise<void> {
  const start = performance.now();
  const gapMs = 1000 / rate;
  let due = start;
  return new Promise((resolve) => {
    const turn = () => {
      const now = performance.now();
      due = Math.max(due, now - lateMax * gapMs);
      for (; due <= now; due += gapMs) fn();
      if (now - start < forMs) setImmediate(turn);
      else resolve();
    };
    turn();
  });
}

function connected(port: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: sockets }, async () => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
      await new Promise<void>((resolve) => socket.connect(port, loopback, resolve));
      return socket;
    }),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
