/** By which names the cluster knows its node-local storage. */

/** Of the provisioner, in storage classes and annotations. */
export const provisionerName = 'kybern.io/local-path';
/** Of the account that it acts under, in `kube-system`. */
export const accountName = 'local-path-provisioner';
