import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '#api/meta/status.ts';
import { InFlight } from '../../flowcontrol/in-flight.ts';
import type { Exchange } from '../../request/exchange.ts';
import { parseRequest } from '../../request/parse-request.ts';
import { maxInFlight } from './max-in-flight.ts';

const mutatingMax = 200;
const pods = '/api/v1/namespaces/a/pods';

function request(method: string, path: string, ...groups: string[]): Exchange {
  return { info: parseRequest(method, path), user: { name: 'jane', groups } } as unknown as Exchange;
}

const is429 = (error: unknown) =>
  error instanceof StatusError && error.code === 429 && error.status.details?.retryAfterSeconds === 1;

test('all seats of writing requests are taken – the next is a 429, until one has ended', () => {
  const inFlight = new InFlight();
  const { enter, end } = maxInFlight(inFlight);
  const writes = Array.from({ length: mutatingMax }, () => request('POST', pods));
  for (const write of writes) enter!(write);
  const refused = request('POST', pods);
  assert.throws(() => enter!(refused), is429);
  end!(refused);
  assert.equal(inFlight.mutating, mutatingMax);
  for (const other of [
    request('GET', pods),
    request('POST', pods, 'system:masters'),
    request('POST', `${pods}/p/exec`),
    request('GET', '/readyz'),
  ]) {
    assert.doesNotThrow(() => enter!(other));
  }
  assert.equal(inFlight.readOnly, 1);
  end!(writes[0]!);
  assert.doesNotThrow(() => enter!(refused));
});
