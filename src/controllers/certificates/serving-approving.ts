/**
 * Approves kubelets' requests for serving certificates when they come from the node itself and name nothing but that
 * node: its name, and the IP addresses of its Node, which a node writes itself: none that is another Node's or leads to the
 * API server, whose certificate has the same authority. Upstream leaves this to a person or an add-on.
 *
 * Reads CertificateSigningRequests, Nodes and Services, writes approvals.
 */

import { certificateSigningRequests, nodes, services } from '#api/generated/kinds.gen.ts';
import type { Node, CertificateSigningRequest as Request, Service } from '#api/generated/types.gen.ts';
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
      const cachedServices = informers.for(services);
      const isTaken = (address: string, name: string) =>
        cachedNodes.list().some((node) => node.metadata.name !== name && addressesOf(node).has(address)) ||
        cachedServices.list().some((service) => isAt(service, address));
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
          if (!node) return nothingToDo;
          const asked = await authority.read(pemOf(request));
          if (!namesOnly(node, request, asked)) return nothingToDo;
          if (asked.ipAddresses.some((address) => isTaken(address, node.metadata.name))) return nothingToDo;
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
  const addresses = addressesOf(node);
  return (
    asked.ipAddresses.every((address) => addresses.has(address) && !isLoopback(address)) &&
    asked.dnsNames.every((name) => name === node.metadata.name && !isApiName(name))
  );
}

function addressesOf({ status }: Node): Set<string> {
  return new Set(status?.addresses?.map(({ address }) => address));
}

/** Cluster IPs, external and load balancer addresses. */
function isAt({ spec, status }: Service, address: string): boolean {
  const balanced = status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
  return [...(spec?.clusterIPs ?? []), ...(spec?.externalIPs ?? []), ...balanced].includes(address);
}

/** Of this machine alone, or of none. */
function isLoopback(address: string): boolean {
  return /^(127\.|0\.|::1?$|::ffff:)/i.test(address);
}

/** A name by which clients find the API server or another Service. */
function isApiName(name: string): boolean {
  return /^(localhost|kubernetes)(\.|$)|\.svc(\.|$)/i.test(name);
}
