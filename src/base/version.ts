/** The versions that this program reports, and the commit of its bundle. */

export const kybernVersion = '0.1.0';
/** The version of the Kubernetes API it serves. */
export const kubernetesVersion = 'v1.36.0';
export const kubernetesMinorVersion = '1.36';

export interface BuildFacts {
  /** Of the repository that the bundle was built from; `unknown` outside a repository. */
  readonly commit: string;
  readonly treeState: 'clean' | 'dirty' | 'archive';
  /** RFC 3339. */
  readonly date: string;
}

/** Defined by `tools/bundle.ts`. */
declare const KYBERN_BUILD: BuildFacts | undefined;

/** A program run from its sources has no build: it reports that instead of a commit that may be wrong. */
export const buildFacts: BuildFacts =
  typeof KYBERN_BUILD === 'undefined'
    ? { commit: 'unbuilt-sources', treeState: 'dirty', date: '1970-01-01T00:00:00Z' }
    : KYBERN_BUILD;
