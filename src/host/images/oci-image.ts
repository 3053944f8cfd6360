/** OCI image archives that containerd imports, byte-identical for the same input. */

import { createHash } from 'node:crypto';
import { fullImageName } from '#base/text/image-name.ts';
import { type TarEntry, tar } from '../archives/tar.ts';
import { architecture } from '../kernel/architecture.ts';

export interface ImageConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  User?: string;
  StopSignal?: string;
  ExposedPorts?: Record<string, object>;
  Labels?: Record<string, string>;
  Volumes?: Record<string, object>;
}

export interface ImageSource {
  /** As in a Pod: `web:1`, `example.org/team/web:1`. */
  readonly ref: string;
  /** One list of files per layer. */
  readonly layers: readonly (readonly TarEntry[])[];
  readonly config: ImageConfig;
}

/** A descriptor of a layer, with its bytes when they have to be loaded with the image. */
export interface Layer {
  readonly mediaType: string;
  /** `sha256:…`, as are all digests here. */
  readonly digest: string;
  readonly size: number;
  /** Of the archive that is not compressed. */
  readonly diffId: string;
  readonly content?: Buffer;
}

const layerType = 'application/vnd.oci.image.layer.v1.tar';
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** An image of files alone: the archive's bytes, ready for `ctr images import`. */
export function buildImage({ ref, layers, config }: ImageSource): Buffer {
  return imageArchive(
    ref,
    layers.map((files) => layerOf(tar(files))),
    config,
  );
}

/** Of a tar archive that is not compressed. */
export function layerOf(content: Buffer): Layer {
  const digest = `sha256:${digestOf(content)}`;
  return { mediaType: layerType, digest, size: content.length, diffId: digest, content };
}

/** The archive of an image whose layers without bytes are present where it is loaded. */
export function imageArchive(ref: string, layers: readonly Layer[], config: ImageConfig): Buffer {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  for (const { digest, content } of layers) if (content) blobs.set(digest.slice('sha256:'.length), content);
  const imageConfig = {
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  };
  const manifest = put(
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: put(json(imageConfig), 'application/vnd.oci.image.config.v1+json'),
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  const index = json({
    schemaVersion: 2,
    manifests: [{ ...manifest, annotations: { 'io.containerd.image.name': fullImageName(ref) } }],
  });
  return tar([
    { path: 'oci-layout', mode: 0o644, content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', mode: 0o644, content: index },
    { path: 'blobs/', mode: 0o755 },
    { path: 'blobs/sha256/', mode: 0o755 },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/sha256/${digest}`, mode: 0o644, content })),
  ]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
