/** A kind as Go prints a GroupVersionKind: `apps/v1, Kind=Deployment`; of the core group `/v1, Kind=Pod`. */

interface Claimed {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}

export function kindText({ apiVersion, kind }: Claimed): string {
  const [version, name] = [apiVersion, kind].map((value) => (typeof value === 'string' ? value : ''));
  return `${version!.includes('/') ? version : `/${version}`}, Kind=${name}`;
}
