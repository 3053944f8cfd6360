/** Names that claim controller, scheduler and kubelet share: annotations and the finalizer of claims. */

/** On a claim: the entry of its pod's `spec.resourceClaims` that it was created for. */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name';
/** On a claim, with the value `true`: the scheduler created it for the extended resources of a pod. */
export const extendedResourceClaimAnnotation = 'resource.kubernetes.io/extended-resource-claim';
/** Keeps a claim while it is allocated. */
export const claimFinalizer = 'resource.kubernetes.io/delete-protection';
