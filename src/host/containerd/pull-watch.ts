/**
 * Follows the pull of an image by what containerd's content store has of its layers:
 *
 *   1. the manifest of the pull is the one of the image's repository with a layer that is just being written
 *   2. a layer that is stored is done; of one that is being written, as much as is written
 */

import { parseImageName } from '#base/text/image-name.ts';
import { ContainerdApi, type Fields } from './api.ts';
import { type LayerSize, type PullLook, progressOf } from './pull-progress.ts';

const content = (method: string, request: string, response: string) => ({
  path: `/containerd.services.content.v1.Content/${method}`,
  request,
  response,
});
const listStatuses = content('ListStatuses', 'ListStatusesRequest', 'ListStatusesResponse');
const list = content('List', 'ListContentRequest', 'ListContentResponse');
const read = content('Read', 'ReadContentRequest', 'ReadContentResponse');
const listSnapshots = {
  path: '/containerd.services.snapshots.v1.Snapshots/List',
  request: 'ListSnapshotsRequest',
  response: 'ListSnapshotsResponse',
};

const layerLabel = 'containerd.io/gc.ref.content.l.';
const sourceLabel = 'containerd.io/distribution.source.';
const manifestBytesMax = 4 * 1024 * 1024;

/** A blob that is read from a registry. */
interface WrittenBlob {
  /** `layer`, `manifest`, `index`, `config`. */
  readonly kind: string;
  readonly digest: string;
  readonly offset: number;
  /** As announced; 0 when it was not. */
  readonly total: number;
}

/** Follows the pull of one image. */
export class PullWatch {
  readonly #api: ContainerdApi;
  /** `library/web`, without registry, tag and digest. */
  readonly #repository: string;
  #layers: readonly LayerSize[] | undefined;

  /** Connects when it first looks. Throws when `image` is no name. */
  constructor(socket: string, image: string) {
    const parsed = parseImageName(image);
    if (typeof parsed === 'string') throw new Error(parsed);
    this.#repository = parsed.repository;
    this.#api = new ContainerdApi(socket);
  }

  async look(): Promise<PullLook> {
    const written = await this.#beingWritten();
    this.#layers ??= await this.#layersOf(written.map(({ digest }) => digest));
    const layers = this.#layers;
    // Before its layers are known, a blob may be the manifest of another pull: that pull is tried again.
    const own = written.filter(({ kind, digest }) =>
      layers ? layers.some((layer) => layer.digest === digest) : kind !== 'layer',
    );
    const isTooMuch = own.some(({ offset, total }) => total > 0 && offset > total);
    if (!layers) return { progress: undefined, isTooMuch };
    const offsets = new Map(own.map(({ digest, offset }) => [digest, offset]));
    return { progress: progressOf(layers, await this.#stored(layers), offsets), isTooMuch };
  }

  /** Layers of this image or of others are being unpacked, which writes nothing to the content store. */
  async isUnpacking(): Promise<boolean> {
    const pieces = await this.#api.all(listSnapshots, { snapshotter: 'overlayfs', filters: [] });
    return pieces.flatMap(({ info }) => info as Fields[]).some(({ name }) => /^extract-/.test(String(name)));
  }

  async #beingWritten(): Promise<WrittenBlob[]> {
    const { statuses } = await this.#api.call(listStatuses, { filters: [] });
    return (statuses as Fields[]).map(({ ref, offset, total }) => {
      const [, kind = '', digest = ''] = /^(\w+)-(.*)$/.exec(String(ref)) ?? [];
      return { kind, digest, offset: Number(offset), total: Number(total) };
    });
  }

  async #layersOf(active: readonly string[]): Promise<readonly LayerSize[] | undefined> {
    if (active.length === 0) return undefined;
    const manifests = await this.#infos(['labels."containerd.io/gc.ref.content.config"']);
    const found = manifests.find((info) => isOfRepository(info, this.#repository) && hasLayer(info, active));
    if (!found || Number(found['size']) > manifestBytesMax) return undefined;
    const pieces = await this.#api.all(read, { digest: found['digest'], offset: 0, size: 0 });
    const text = Buffer.concat(pieces.map(({ data }) => data as Uint8Array)).toString();
    return (JSON.parse(text) as { layers: LayerSize[] }).layers;
  }

  async #stored(layers: readonly LayerSize[]): Promise<Set<string>> {
    const infos = await this.#infos(layers.map(({ digest }) => `digest==${digest}`));
    return new Set(infos.map(({ digest }) => String(digest)));
  }

  async #infos(filters: readonly string[]): Promise<Fields[]> {
    return (await this.#api.all(list, { filters })).flatMap(({ info }) => info as Fields[]);
  }

  close(): void {
    this.#api.close();
  }
}

/** The repository is one of those that a blob was read from. */
function isOfRepository({ labels }: Fields, repository: string): boolean {
  return Object.entries(labels as Record<string, string>).some(
    ([label, value]) => label.startsWith(sourceLabel) && value.split(',').includes(repository),
  );
}

function hasLayer({ labels }: Fields, digests: readonly string[]): boolean {
  return Object.entries(labels as Record<string, string>).some(
    ([label, value]) => label.startsWith(layerLabel) && digests.includes(value),
  );
}
