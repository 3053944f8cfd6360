/** The versions this program answers with. */

export const kybernVersion = '0.1.0';
/** The Kubernetes API it serves. */
export const kubernetesVersion = 'v1.36.0';
