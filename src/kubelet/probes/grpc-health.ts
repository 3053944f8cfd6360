/** Asks the standard gRPC health service of a container how it feels. */

import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { systemClock } from '#host/system-env.ts';
import type { ProbeOutcome } from './prober.ts';

const root = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { service: { type: 'string', id: 1 } } },
    Response: { fields: { status: { type: 'int32', id: 1 } } },
  },
});
const requestType = root.lookupType('Request');
const responseType = root.lookupType('Response');
const names = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const serving = 1;

export function grpcHealth(address: string, service: string, timeoutSeconds: number): Promise<ProbeOutcome> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.primary_user_agent': 'kube-probe/1.36',
  });
  return new Promise((resolve) => {
    client.makeUnaryRequest<string, number>(
      '/grpc.health.v1.Health/Check',
      (name) => Buffer.from(requestType.encode({ service: name }).finish()),
      (bytes) => (responseType.decode(bytes) as unknown as { status: number }).status,
      service,
      { deadline: systemClock.now() + timeoutSeconds * 1000 },
      (error, answer) => {
        client.close();
        resolve(error ? refused(error, address, timeoutSeconds) : outcome(answer ?? 0));
      },
    );
  });
}

function outcome(answer: number): ProbeOutcome {
  if (answer === serving) return { verdict: 'success', output: 'service healthy' };
  return { verdict: 'failure', output: `service unhealthy (responded with "${names[answer] ?? answer}")` };
}

function refused(error: ServiceError, address: string, timeoutSeconds: number): ProbeOutcome {
  if (error.code === status.UNIMPLEMENTED) {
    return {
      verdict: 'failure',
      output: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)',
    };
  }
  if (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED) {
    return {
      verdict: 'failure',
      output: `timeout: failed to connect service "${address}" within ${timeoutSeconds}s: ${error.details}`,
    };
  }
  return { verdict: 'failure', output: `error: health rpc probe failed: ${error.details}` };
}
