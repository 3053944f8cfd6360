/** Annotations of claims, volumes and their classes that binder, scheduler and provisioners share. */

/** On a claim: its binding was completed at least once; without its volume it is lost from then on. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: a controller chose the other side. Without it, a user did. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** On a claim or a volume: its class, stronger than the field. */
export const betaStorageClass = 'volume.beta.kubernetes.io/storage-class';

/** On a storage class, with the value `true`: claims that name no class get this one. */
export const defaultClassAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;
