/** The versions this program answers with, and where its bundle came from. */

export const kybernVersion = '0.1.0';
/** The Kubernetes API it serves. */
export const kubernetesVersion = 'v1.36.0';

export interface BuildFacts {
  /** Of the repository the bundle was made from; `unknown` when it was none. */
  readonly commit: string;
  readonly treeState: 'clean' | 'dirty' | 'archive';
  /** RFC 3339. */
  readonly date: string;
}

/** Put in by `tools/bundle.ts`. */
declare const KYBERN_BUILD: BuildFacts | undefined;

/** A program run from its sources has not been built: it says so instead of naming a commit it may not be. */
export const buildFacts: BuildFacts =
  typeof KYBERN_BUILD === 'undefined'
    ? { commit: 'unbuilt-sources', treeState: 'dirty', date: '1970-01-01T00:00:00Z' }
    : KYBERN_BUILD;
