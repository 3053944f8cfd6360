/** References across namespaces: allowed by a ReferenceGrant in the namespace that is referred to. */

import { gatewayGroup, type ReferenceGrant } from './kinds.ts';

export interface CrossReference {
  /** Kind and namespace of the object that refers. */
  readonly fromKind: string;
  readonly fromNamespace: string;
  readonly toGroup: string;
  readonly toKind: string;
  readonly toNamespace: string;
  readonly toName: string;
}

export function isGranted(grants: readonly ReferenceGrant[], reference: CrossReference): boolean {
  const { fromKind, fromNamespace, toGroup, toKind, toNamespace, toName } = reference;
  if (fromNamespace === toNamespace) return true;
  return grants.some(
    ({ metadata, spec }) =>
      metadata?.namespace === toNamespace &&
      spec.from.some(
        ({ group, kind, namespace }) =>
          group === gatewayGroup && kind === fromKind && namespace === fromNamespace,
      ) &&
      spec.to.some(
        ({ group, kind, name }) =>
          group === toGroup && kind === toKind && (name === undefined || name === toName),
      ),
  );
}
