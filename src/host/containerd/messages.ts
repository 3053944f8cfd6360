/**
 * The messages of containerd's services, and of the runtime interface, that this folder sends and reads: few, with the
 * fields that it uses. The kubelet's description of the whole interface is above this layer.
 */

import protobuf from 'protobufjs';

const text = (id: number) => ({ type: 'string', id });
const texts = (id: number) => ({ rule: 'repeated', type: 'string', id });
const number = (id: number) => ({ type: 'int64', id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    // runtime.v1
    PullImageRequest: {
      fields: { image: { type: 'ImageSpec', id: 1 }, auth: { type: 'AuthConfig', id: 2 } },
    },
    ImageSpec: { fields: { image: text(1) } },
    AuthConfig: {
      fields: { username: text(1), password: text(2), serverAddress: text(4), identityToken: text(5) },
    },
    PullImageResponse: { fields: { imageRef: text(1) } },
    // containerd.services.content.v1
    ListStatusesRequest: { fields: { filters: texts(1) } },
    ListStatusesResponse: { fields: { statuses: many('Status', 1) } },
    Status: { fields: { ref: text(3), offset: number(4), total: number(5) } },
    ListContentRequest: { fields: { filters: texts(1) } },
    ListContentResponse: { fields: { info: many('Info', 1) } },
    Info: {
      fields: { digest: text(1), size: number(2), labels: { keyType: 'string', type: 'string', id: 5 } },
    },
    ReadContentRequest: { fields: { digest: text(1), offset: number(2), size: number(3) } },
    ReadContentResponse: { fields: { offset: number(1), data: { type: 'bytes', id: 2 } } },
    // containerd.services.snapshots.v1
    ListSnapshotsRequest: { fields: { snapshotter: text(1), filters: texts(2) } },
    ListSnapshotsResponse: { fields: { info: many('Snapshot', 1) } },
    Snapshot: { fields: { name: text(1) } },
  },
} as protobuf.INamespace);

export function messageType(name: string): protobuf.Type {
  return root.lookupType(name);
}
