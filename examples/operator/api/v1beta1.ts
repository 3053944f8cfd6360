/** A Website as it was first published: the host was called `domain`, and there were no aliases. */

import type { KubernetesObject } from '@kubernetes/client-node';
import type { WebsiteSpec, WebsiteStatus } from './v1.ts';

export interface WebsiteV1beta1 extends KubernetesObject {
  spec: Omit<WebsiteSpec, 'host' | 'aliases'> & { domain: string };
  status?: WebsiteStatus;
}

/** Holds the aliases of a v1 object while it is read or written as v1beta1, so that none is lost. */
export const aliasesAnnotation = 'web.example.com/aliases';
