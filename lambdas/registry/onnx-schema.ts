/**
 * The messages of ONNX (github.com/onnx/onnx, onnx/onnx-ml.proto up to IR version 13): every field there is, since the
 * scanner refuses what it does not know. A newer field could point at data that this table cannot see.
 */

/** How a field lies in the bytes (protobuf.dev/programming-guides/encoding). */
export type FieldKind = 'varint' | 'fixed32' | 'fixed64' | 'bytes';

export interface FieldSchema {
  readonly name: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
}

export interface MessageSchema {
  readonly name: string;
  /** By field number, all below 32. */
  readonly fields: readonly (FieldSchema | undefined)[];
}

/** `'1 name kind'`, or `'1 name kind*'` where the field may repeat. */
function schema(name: string, ...lines: string[]): MessageSchema {
  const fields: (FieldSchema | undefined)[] = new Array(32).fill(undefined);
  for (const line of lines) {
    const [number, field, kind] = line.split(' ') as [string, string, string];
    fields[Number(number)] = { name: field, kind: kind.replace('*', '') as FieldKind, repeated: kind.endsWith('*') };
  }
  return { name, fields };
}

export const MODEL = schema(
  'ModelProto',
  '1 ir_version varint',
  '2 producer_name bytes',
  '3 producer_version bytes',
  '4 domain bytes',
  '5 model_version varint',
  '6 doc_string bytes',
  '7 graph bytes',
  '8 opset_import bytes*',
  '14 metadata_props bytes*',
  '20 training_info bytes*',
  '25 functions bytes*',
  '26 configuration bytes*',
);

export const GRAPH = schema(
  'GraphProto',
  '1 node bytes*',
  '2 name bytes',
  '5 initializer bytes*',
  '10 doc_string bytes',
  '11 input bytes*',
  '12 output bytes*',
  '13 value_info bytes*',
  '14 quantization_annotation bytes*',
  '15 sparse_initializer bytes*',
  '16 metadata_props bytes*',
);

export const NODE = schema(
  'NodeProto',
  '1 input bytes*',
  '2 output bytes*',
  '3 name bytes',
  '4 op_type bytes',
  '5 attribute bytes*',
  '6 doc_string bytes',
  '7 domain bytes',
  '8 overload bytes',
  '9 metadata_props bytes*',
  '10 device_configurations bytes*',
);

export const ATTRIBUTE = schema(
  'AttributeProto',
  '1 name bytes',
  '2 f fixed32',
  '3 i varint',
  '4 s bytes',
  '5 t bytes',
  '6 g bytes',
  '7 floats fixed32*',
  '8 ints varint*',
  '9 strings bytes*',
  '10 tensors bytes*',
  '11 graphs bytes*',
  '13 doc_string bytes',
  '14 tp bytes',
  '15 type_protos bytes*',
  '20 type varint',
  '21 ref_attr_name bytes',
  '22 sparse_tensor bytes',
  '23 sparse_tensors bytes*',
);

export const TENSOR = schema(
  'TensorProto',
  '1 dims varint*',
  '2 data_type varint',
  '3 segment bytes',
  '4 float_data fixed32*',
  '5 int32_data varint*',
  '6 string_data bytes*',
  '7 int64_data varint*',
  '8 name bytes',
  '9 raw_data bytes',
  '10 double_data fixed64*',
  '11 uint64_data varint*',
  '12 doc_string bytes',
  '13 external_data bytes*',
  '14 data_location varint',
  '16 metadata_props bytes*',
);

export const SPARSE_TENSOR = schema('SparseTensorProto', '1 values bytes', '2 indices bytes', '3 dims varint*');

export const VALUE_INFO = schema(
  'ValueInfoProto',
  '1 name bytes',
  '2 type bytes',
  '3 doc_string bytes',
  '4 metadata_props bytes*',
);

export const TYPE = schema(
  'TypeProto',
  '1 tensor_type bytes',
  '4 sequence_type bytes',
  '5 map_type bytes',
  '6 denotation bytes',
  '7 opaque_type bytes',
  '8 sparse_tensor_type bytes',
  '9 optional_type bytes',
);

/** Of a dense and of a sparse tensor alike. */
export const TENSOR_TYPE = schema('TypeProto.Tensor', '1 elem_type varint', '2 shape bytes');

export const SHAPE = schema('TensorShapeProto', '1 dim bytes*');

export const DIMENSION = schema(
  'TensorShapeProto.Dimension',
  '1 dim_value varint',
  '2 dim_param bytes',
  '3 denotation bytes',
);

export const OPSET = schema('OperatorSetIdProto', '1 domain bytes', '2 version varint');

export const FUNCTION = schema(
  'FunctionProto',
  '1 name bytes',
  '4 input bytes*',
  '5 output bytes*',
  '6 attribute bytes*',
  '7 node bytes*',
  '8 doc_string bytes',
  '9 opset_import bytes*',
  '10 domain bytes',
  '11 attribute_proto bytes*',
  '12 value_info bytes*',
  '13 overload bytes',
  '14 metadata_props bytes*',
);

export const TRAINING = schema(
  'TrainingInfoProto',
  '1 initialization bytes',
  '2 algorithm bytes',
  '3 initialization_binding bytes*',
  '4 update_binding bytes*',
);
