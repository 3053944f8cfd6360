import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newContainer, storedPod } from '#testing/objects.ts';
import { hostPortFrontends } from './host-ports.ts';

test('host ports – an address that is not IPv4 – the others stay, and it does not reach the table', () => {
  const pod = (podIP: string, ...hostIPs: string[]) => {
    const ports = hostIPs.map((hostIP, i) => ({ containerPort: 80, hostPort: 8080 + i, hostIP }));
    return storedPod('p', { spec: { containers: [newContainer({ ports })] }, status: { podIP } });
  };
  const offered = (...args: Parameters<typeof pod>) =>
    hostPortFrontends(pod(...args), [4]).map(({ port, externalIps, nodePort }) => [
      port,
      externalIps,
      nodePort,
    ]);
  assert.deepEqual(offered('10.244.0.5', 'fd00::1', '::', '192.0.2.1', '0.0.0.0', ''), [
    [8082, ['192.0.2.1'], undefined],
    [8083, [], 8083],
    [8084, [], 8084],
  ]);
  assert.deepEqual(offered('10.244.0.5', '192.000.002.001'), [[8080, ['192.0.2.1'], undefined]]);
  assert.deepEqual(offered('fd00::5', '0.0.0.0'), []);
});

test('host ports – of a running pod – are frontends of their own', () => {
  const pod = {
    metadata: { namespace: 'a', name: 'p' },
    spec: {
      containers: [
        { name: 'c', ports: [{ containerPort: 80, hostPort: 8080, protocol: 'UDP' }, { containerPort: 81 }] },
      ],
    },
    status: { podIP: '10.244.0.7', phase: 'Running' },
  };
  assert.deepEqual(
    hostPortFrontends(pod, [4]).map((frontend) => [frontend.protocol, frontend.nodePort, frontend.backends]),
    [['udp', 8080, [{ ip: '10.244.0.7', port: 80 }]]],
  );
});
