/**
 * Approves kubelets' requests for serving certificates when they come from the node itself and name nothing but that
 * node: its name, and the addresses of its Node. Upstream leaves this to a person or an add-on.
 *
 * Reads CertificateSigningRequests and Nodes, writes approvals.
 */

import { certificateSigningRequests, nodes } from '#api/generated/kinds.gen.ts';
import type { Node, CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import type { CertificateAuthority, CertificateRequest } from './authority.ts';
import { approval, isDecided, pemOf, problemFor, signers } from './requests.ts';

const message = 'Auto approving kubelet serving certificate: all its names are those of the node.';
const prefix = 'system:node:';

export function servingApproving(authority: Pick<CertificateAuthority, 'read'>): ControllerDefinition {
  return defineController({
    name: 'kubelet-serving-approving',
    identity: 'kubelet-serving-approver',
    start({ informers }) {
      const requests = informers.for(certificateSigningRequests);
      const cachedNodes = informers.for(nodes);
      const waiting = ({ metadata }: Stored<Node>) =>
        requests
          .list()
          .filter(
            (request) => isOfNode(request) && nodeNameOf(request) === metadata.name && !isDecided(request),
          )
          .map((request) => request.metadata.name);
      return {
        watches: [
          watch({ type: certificateSigningRequests, filter: isOfNode }),
          // A node asks before its first status is written.
          watch({ type: nodes, changed: haveOtherAddresses, keys: waiting }),
        ],
        async reconcile(name): Promise<Plan> {
          const request = requests.get(undefined, name);
          if (!request || !isOfNode(request) || isDecided(request)) return nothingToDo;
          const node = cachedNodes.get(undefined, nodeNameOf(request));
          if (!node || !namesOnly(node, request, await authority.read(pemOf(request)))) return nothingToDo;
          return approval(request, message);
        },
      };
    },
  });
}

function isOfNode({ spec }: Request): boolean {
  const { signerName, username = '', groups = [] } = spec;
  if (signerName !== signers.kubeletServing) return false;
  return username.startsWith(prefix) && groups.includes('system:nodes');
}

function nodeNameOf({ spec }: Request): string {
  return (spec.username ?? '').slice(prefix.length);
}

function haveOtherAddresses(old: Stored<Node>, now: Stored<Node>): boolean {
  return JSON.stringify(old.status?.addresses) !== JSON.stringify(now.status?.addresses);
}

/** Whether a valid request names this node, and nothing else. */
function namesOnly(node: Stored<Node>, { spec }: Request, asked: CertificateRequest): boolean {
  if (asked.commonName !== spec.username) return false;
  if (problemFor(spec.signerName, asked, spec.usages ?? [])) return false;
  const addresses = new Set(node.status?.addresses?.map(({ address }) => address));
  return [...asked.ipAddresses, ...asked.dnsNames].every(
    (name) => addresses.has(name) || name === node.metadata.name,
  );
}
