/**
 * A resize of a bound pod asks for no more cpu and memory than its node can ever give. Reads: Node.
 * Upstream: PodResizeValidator.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import { forbidden, type StatusError } from '#api/meta/status.ts';
import { amountOf, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podRequests } from '#api/pods/resources.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

const osLabel = 'kubernetes.io/os';

export function podResizeValidator(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'PodResizeValidator',
    rules: [{ operations: ['UPDATE'], apiGroups: [''], resources: ['pods/resize'] }],
    validate({ name, object, oldObject }) {
      const pod = object as Pod;
      const nodeName = pod.spec?.nodeName;
      // The generation rises only when the spec changes.
      if (!nodeName || pod.metadata?.generation === oldObject?.metadata?.generation) return;
      const node = readObject(reader, nodes, '', nodeName);
      if (!node) throw forbidden(pods, name, `node "${nodeName}" not found`);
      const system = node.metadata?.labels?.[osLabel] ?? 'linux';
      if (system !== 'linux') {
        const why = `pod resize is only supported on linux nodes, node "${nodeName}" is "${system}"`;
        throw refused(name, why, 'UnsupportedPlatform');
      }
      const excess = excessOf(pod, node);
      if (excess.length === 0) return;
      const why = `node didn't have enough allocatable resources: ${excess.join('; ')}`;
      throw refused(name, why, 'NodeCapacity');
    },
  });
}

function excessOf(pod: Pod, { status }: Node): string[] {
  const requested = podRequests(plainAmounts, pod);
  const allocatable = plainAmounts.of(status?.allocatable);
  return ['cpu', 'memory'].flatMap((name) => {
    const [wanted, offered] = [amountOf(requested, name), amountOf(allocatable, name)];
    return wanted > offered ? [`${name}, requested: ${wanted}, allocatable: ${offered}`] : [];
  });
}

function refused(name: string, why: string, cause: string): StatusError {
  const error = forbidden(pods, name, why);
  error.status.details = { ...error.status.details, causes: [{ reason: cause }] };
  return error;
}
