/** What a clause looks at. The names are those that MLflow shows in its texts. */
export type Entity = 'metric' | 'parameter' | 'tag' | 'attribute' | 'dataset';

export const NUMBER_COMPARATORS = ['=', '!=', '>', '>=', '<', '<='] as const;
export const TEXT_COMPARATORS = ['=', '!=', 'LIKE', 'ILIKE'] as const;
export const LIST_COMPARATORS = ['IN', 'NOT IN'] as const;
export const NULL_COMPARATORS = ['IS NULL', 'IS NOT NULL'] as const;

export type Comparator =
  | (typeof NUMBER_COMPARATORS)[number]
  | (typeof TEXT_COMPARATORS)[number]
  | (typeof LIST_COMPARATORS)[number]
  | (typeof NULL_COMPARATORS)[number];

/** How an attribute is compared. `digits` is an integer kept as text (`experiment_id`). */
export interface AttributeRule {
  kind: 'text' | 'digits' | 'number' | 'integer';
  /** The name that the searched thing knows it by, where MLflow has several for one. */
  as?: string;
  /** Whether IN takes it. */
  list?: true;
  /** Whether an integer may stand in quotes. */
  quoted?: true;
}

/** The rules of one search: which entities there are, how they are spelt, and what can be asked of them. */
export interface SearchScope {
  entities: Readonly<Record<string, Entity>>;
  /** What a refusal of another entity says: MLflow's clients know the two texts apart. */
  entityRule: string;
  attributes: Readonly<Record<string, AttributeRule>>;
  orderBy: Readonly<Record<string, AttributeRule>>;
  /** Whether order_by may name metrics, params and tags too. */
  ordersByEntities: boolean;
  /** Entities that take IS NULL. */
  nullable: readonly Entity[];
  /** Entities that take IN, beside attributes that say so. */
  lists: readonly Entity[];
  /** Whether a text may be compared with a bare number (`params.lr = 0.01`). */
  bareText?: true;
}

const text: AttributeRule = { kind: 'text' };
const number: AttributeRule = { kind: 'number' };
const integer: AttributeRule = { kind: 'integer' };
const list: AttributeRule = { kind: 'text', list: true };

const runOrders = {
  run_id: list,
  run_name: text,
  user_id: text,
  status: text,
  artifact_uri: text,
  start_time: number,
  end_time: number,
  created: { kind: 'number', as: 'start_time' },
  Created: { kind: 'number', as: 'start_time' },
} as const satisfies Record<string, AttributeRule>;

export const RUNS: SearchScope = {
  entities: {
    ...{ metric: 'metric', metrics: 'metric', tag: 'tag', tags: 'tag' },
    ...{ parameter: 'parameter', parameters: 'parameter', param: 'parameter', params: 'parameter' },
    ...{ attribute: 'attribute', attributes: 'attribute', attr: 'attribute', run: 'attribute' },
    ...{ dataset: 'dataset', datasets: 'dataset' },
  },
  entityRule: "Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
  attributes: {
    ...runOrders,
    ...Object.fromEntries(['run name', 'Run name', 'Run Name'].map((name) => [name, { kind: 'text', as: 'run_name' }])),
  },
  orderBy: runOrders,
  ordersByEntities: true,
  nullable: ['tag', 'parameter'],
  lists: ['dataset'],
};

const tagged = {
  entities: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  entityRule: "Valid entity types are ('attribute', 'tag', 'tags')",
  ordersByEntities: false,
  lists: [],
} as const;

const experimentAttributes = {
  name: text,
  experiment_id: { kind: 'digits', list: true },
  creation_time: integer,
  last_update_time: integer,
} as const satisfies Record<string, AttributeRule>;

export const EXPERIMENTS: SearchScope = {
  ...tagged,
  attributes: experimentAttributes,
  orderBy: experimentAttributes,
  nullable: ['tag'],
};

export const REGISTERED_MODELS: SearchScope = {
  ...tagged,
  attributes: { name: list },
  orderBy: {
    name: text,
    timestamp: { kind: 'number', as: 'last_updated_timestamp' },
    last_updated_timestamp: number,
    creation_timestamp: number,
  },
  nullable: [],
};

export const MODEL_VERSIONS: SearchScope = {
  ...tagged,
  attributes: {
    name: list,
    run_id: list,
    source_path: text,
    version_number: { kind: 'integer', quoted: true },
  },
  orderBy: { name: text, version_number: number, creation_timestamp: number, last_updated_timestamp: number },
  nullable: [],
};

const loggedModelAttributes: Record<string, AttributeRule> = {
  ...Object.fromEntries(
    ['model_id', 'experiment_id', 'name', 'artifact_location', 'status', 'lifecycle_stage', 'model_type'].map(
      (name) => [name, list],
    ),
  ),
  source_run_id: list,
  status_message: list,
  creation_timestamp_ms: number,
  last_updated_timestamp_ms: number,
  creation_time: { kind: 'number', as: 'creation_timestamp_ms' },
  creation_timestamp: { kind: 'number', as: 'creation_timestamp_ms' },
  last_updated_timestamp: { kind: 'number', as: 'last_updated_timestamp_ms' },
};

export const LOGGED_MODELS: SearchScope = {
  entities: { attributes: 'attribute', metrics: 'metric', params: 'parameter', tags: 'tag' },
  entityRule: "Expected one of ['attributes', 'metrics', 'params', 'tags']",
  attributes: loggedModelAttributes,
  orderBy: loggedModelAttributes,
  ordersByEntities: true,
  nullable: [],
  lists: ['parameter', 'tag'],
  bareText: true,
};
