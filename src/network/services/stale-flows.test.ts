import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUdpFlows } from '#host/network/udp-flows.ts';
import { webFrontend } from '#testing/objects/frontends.ts';
import { staleFlows } from './stale-flows.ts';

test('stale UDP flows – to removed backends – are found, flows of other services are not', () => {
  const dns = webFrontend({ protocol: 'udp', port: 53, nodePort: 30053 });
  const line = (destination: string, port: number, answerer: string, answererPort: number) =>
    `udp      17 29 src=10.244.0.9 dst=${destination} sport=4000 dport=${port} [UNREPLIED] src=${answerer} dst=10.244.0.9 sport=${answererPort} dport=4000 mark=0 use=1`;
  const flows = parseUdpFlows(
    [
      line('10.96.0.20', 53, '10.244.0.5', 8080),
      line('10.96.0.20', 53, '10.244.0.7', 8080),
      line('10.96.0.20', 53, '10.96.0.20', 53),
      line('192.0.2.2', 30053, '10.244.0.7', 8080),
      line('192.0.2.2', 30053, '10.244.0.5', 8080),
      line('8.8.8.8', 30053, '8.8.8.8', 30053),
      line('10.96.0.21', 53, '10.244.0.7', 8080),
      '',
    ].join('\n'),
  );
  assert.equal(flows.length, 7);
  assert.deepEqual(
    staleFlows(flows, [dns]).map((udpFlow) => `${udpFlow.destination} ${udpFlow.answerer}`),
    ['10.96.0.20 10.244.0.7', '10.96.0.20 10.96.0.20', '192.0.2.2 10.244.0.7'],
  );
  assert.deepEqual(staleFlows(flows, [webFrontend()]), []);
});
