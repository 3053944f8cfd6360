/** The names of resources: native ones of Kubernetes, and extended ones, which have a domain of their own. */

import { qualifiedName } from './validators.ts';

export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

export function isExtendedResource(name: string): boolean {
  return (
    !isNativeResource(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
  );
}
