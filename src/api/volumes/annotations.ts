/** Annotations and finalizers of claims, volumes and their classes that binder, scheduler and provisioners share. */

/** On a claim: its binding was completed at least once; without its volume it is lost from then on. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: a controller chose the other side. Without it, a user did. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: the provisioner that created it. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** On a claim or a volume: the CSI driver that acts in place of the in-tree plugin. */
export const migratedTo = 'pv.kubernetes.io/migrated-to';
/** On a claim: the node that the scheduler chose; from then on the volume may be provisioned. */
export const selectedNode = 'volume.kubernetes.io/selected-node';
/** On a claim: the provisioner that must create its volume. Written under both names. */
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim or a volume: its class, stronger than the field. */
export const betaStorageClass = 'volume.beta.kubernetes.io/storage-class';
/** On a claim or a volume: its size before the file system is grown on the node. */
export const preResizeCapacity = 'volume.alpha.kubernetes.io/pre-resize-capacity';
/** On a claim: what must resize its volume. */
export const storageResizer = 'volume.kubernetes.io/storage-resizer';

/** On a storage class, with the value `true`: claims that name no class get this one. */
export const defaultClassAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

/** Keeps a volume of an in-tree provisioner until its storage is deleted. */
export const inTreeFinalizer = 'kubernetes.io/pv-controller';
/** The same, of an external provisioner. */
export const externalFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';

/** A class with this provisioner has hand-made volumes only. */
export const noProvisioner = 'kubernetes.io/no-provisioner';
