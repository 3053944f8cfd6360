/** The kinds of storage: which creations and updates are valid, with upstream's errors. */

import { runCases } from '#testing/kind-cases.ts';

const metadata = { name: 'web' };
const badName =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const driver = { name: 'd.example.com', nodeID: 'n', topologyKeys: ['a'], allocatable: { count: 5 } };

runCases([
  {
    kind: ['storage.k8s.io', 'storageclasses'],
    valid: { metadata, provisioner: 'Example.com/disk', reclaimPolicy: '', parameters: { a: 'b' } },
    create: [
      [{ provisioner: 'x y' }, [`provisioner: Invalid value: "x y": name part ${badName}`]],
      [{ parameters: { '': 'b' } }, ['parameters: Invalid value: "": field can not be empty.']],
      [
        {
          allowedTopologies: [
            { matchLabelExpressions: [{ key: 'a', values: ['x', 'x'] }, { key: 'a' }] },
            { matchLabelExpressions: [{ key: 'b', values: ['y', 'x'] }] },
            { matchLabelExpressions: [{ key: 'b', values: ['x', 'y'] }] },
          ],
        },
        [
          'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "x"',
          'allowedTopologies[0].matchLabelExpressions[1].values: Required value',
          'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"',
          'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
        ],
      ],
      [{ allowedTopologies: [{}] }, ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""']],
    ],
    update: [
      [{ parameters: { a: 'c' } }, ['parameters: Invalid value: {"a":"c"}: field is immutable']],
      [{ reclaimPolicy: 'Retain' }, ['reclaimPolicy: Invalid value: "Retain": field is immutable']],
    ],
  },
  {
    kind: ['storage.k8s.io', 'volumeattributesclasses'],
    valid: { metadata, driverName: 'd.example.com', parameters: { a: 'b' } },
    create: [
      [
        { driverName: '', parameters: undefined },
        [
          'driverName: Required value',
          'parameters: Required value: must contain at least one key/value pair',
        ],
      ],
    ],
    update: [
      [
        { driverName: 'x', parameters: { a: 'c' } },
        [
          'driverName: Forbidden: updates to driverName are forbidden.',
          'parameters: Forbidden: updates to parameters are forbidden.',
        ],
      ],
    ],
  },
  {
    kind: ['storage.k8s.io', 'csinodes'],
    valid: { metadata, spec: { drivers: [driver] } },
    create: [
      [{ 'spec.drivers.0.name': undefined }, ['spec.drivers[0].name: Required value']],
      [
        { 'spec.drivers': [{ ...driver, name: 'd'.repeat(64) }] },
        ['spec.drivers[0].name: Too long: may not be more than 63 bytes'],
      ],
      [{ spec: undefined }, []],
      [{ 'spec.drivers': [driver, driver] }, ['spec.drivers[1].name: Duplicate value: "d.example.com"']],
      [
        { 'spec.drivers': [{ ...driver, nodeID: '', topologyKeys: ['a', 'a'], allocatable: { count: -1 } }] },
        [
          'spec.drivers[0].nodeID: Required value',
          'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
          'spec.drivers[0]: Duplicate value: "a"',
        ],
      ],
    ],
    update: [
      [{ 'spec.drivers.0.allocatable': { count: 6 } }, []],
      [
        { 'spec.drivers.0.nodeID': 'x' },
        [
          'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"x","TopologyKeys":["a"],"Allocatable":null}: field is immutable',
        ],
      ],
    ],
  },
  {
    kind: ['storage.k8s.io', 'csistoragecapacities'],
    valid: { metadata: { ...metadata, namespace: 'a' }, storageClassName: 's', capacity: '1Gi' },
    create: [
      [
        { nodeTopology: { matchExpressions: [{ key: 'x', operator: '' }] } },
        ['nodeTopology.matchExpressions[0].operator: Invalid value: "": not a valid selector operator'],
      ],
      [{ capacity: '-1' }, ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
    ],
    update: [
      [{ storageClassName: 'x' }, ['storageClassName: Invalid value: "x": field is immutable']],
      [
        { nodeTopology: { matchLabels: { a: 'b' } } },
        ['nodeTopology: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable'],
      ],
    ],
  },
  {
    kind: ['storage.k8s.io', 'volumeattachments'],
    valid: {
      metadata,
      spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'p' } },
    },
    create: [
      [{ 'spec.attacher': '' }, ['spec.attacher: Required value']],
      [{ 'spec.attacher': 'a'.repeat(64) }, ['spec.attacher: Too long: may not be more than 63 bytes']],
      [
        { 'spec.source': {} },
        [
          'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
        ],
      ],
      [
        { 'spec.source.inlineVolumeSpec': {} },
        ['spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
      ],
    ],
    update: [
      [
        { 'spec.nodeName': 'x' },
        [
          'spec: Invalid value: {"Attacher":"example.com","Source":{"PersistentVolumeName":"p","InlineVolumeSpec":null},"NodeName":"x"}: field is immutable',
        ],
      ],
      [
        { 'spec.source': { inlineVolumeSpec: { hostPath: { path: '/x' }, iscsi: { iqn: 'i' } } } },
        [
          'spec: Invalid value: {"Attacher":"example.com","Source":{"PersistentVolumeName":null,"InlineVolumeSpec":{"Capacity":null,"GCEPersistentDisk":null,"AWSElasticBlockStore":null,"HostPath":{"Path":"/x","Type":""},"Glusterfs":null,"NFS":null,"RBD":null,"Quobyte":null,"ISCSI":{"TargetPortal":"","IQN":"i","Lun":0,"ISCSIInterface":"default","FSType":"","ReadOnly":false,"Portals":null,"DiscoveryCHAPAuth":false,"SessionCHAPAuth":false,"SecretRef":null,"InitiatorName":null},"FlexVolume":null,"Cinder":null,"CephFS":null,"FC":null,"Flocker":null,"AzureFile":null,"VsphereVolume":null,"AzureDisk":null,"PhotonPersistentDisk":null,"PortworxVolume":null,"ScaleIO":null,"Local":null,"StorageOS":null,"CSI":null,"AccessModes":null,"ClaimRef":null,"PersistentVolumeReclaimPolicy":"","StorageClassName":"","MountOptions":null,"VolumeMode":null,"NodeAffinity":null,"VolumeAttributesClassName":null}},"NodeName":"n"}: field is immutable',
        ],
      ],
    ],
  },
  {
    kind: ['storage.k8s.io', 'csidrivers'],
    valid: { metadata, spec: { tokenRequests: [{ audience: 'a' }] } },
    create: [
      [
        { 'spec.volumeLifecycleModes': ['x'], 'spec.fsGroupPolicy': '' },
        [
          'spec.fsGroupPolicy: Unsupported value: "": supported values: "File", "None", "ReadWriteOnceWithFSType"',
          'spec.volumeLifecycleModes: Unsupported value: "x": supported values: "Persistent", "Ephemeral"',
        ],
      ],
      [
        { 'spec.tokenRequests': [{ expirationSeconds: 5 }, {}] },
        [
          'spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
          'spec.tokenRequests[1].audience: Duplicate value: ""',
        ],
      ],
      [
        { 'spec.tokenRequests': undefined, 'spec.serviceAccountTokenInSecrets': true },
        [
          'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
        ],
      ],
    ],
    update: [
      [{ 'spec.attachRequired': false }, ['spec.attachedRequired: Invalid value: false: field is immutable']],
    ],
  },
]);
