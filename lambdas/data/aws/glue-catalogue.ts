import {
  AlreadyExistsException,
  ConcurrentModificationException,
  CreateDatabaseCommand,
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  GlueClient,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { DataErrors } from '../errors.ts';
import type { SqlCatalogue } from '../publish-tables.ts';
import type { SqlTable } from '../sql-tables.ts';

/** Glue's Data Catalog, which Athena reads. A table's own parameter says which version it shows. */
export function glueCatalogue(client = new GlueClient({})): SqlCatalogue {
  const shown = async ({ database, name }: SqlTable) => {
    try {
      const { Table } = await client.send(new GetTableCommand({ DatabaseName: database, Name: name }));
      return Table;
    } catch (error) {
      if (error instanceof EntityNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    async ensureDatabase(database) {
      try {
        const DatabaseInput = { Name: database, Description: 'Datasets of one workspace, kept by Millrace' };
        await client.send(new CreateDatabaseCommand({ DatabaseInput }));
      } catch (error) {
        if (!(error instanceof AlreadyExistsException)) throw error;
      }
    },
    async advance(table) {
      const there = await shown(table);
      const target = { DatabaseName: table.database, TableInput: inputOf(table) };
      try {
        if (!there) {
          await client.send(new CreateTableCommand(target));
          return 'made';
        }
        if (Number(there.Parameters?.['millrace.number'] ?? 0) >= table.number) return 'stayed';
        // Of the table that was looked at: whoever comes between makes this fail, and not be lost.
        await client.send(new UpdateTableCommand({ ...target, VersionId: there.VersionId, SkipArchive: true }));
        return 'moved';
      } catch (cause) {
        if (cause instanceof AlreadyExistsException || cause instanceof ConcurrentModificationException)
          throw DataErrors.TableContended(`table ${table.name} changed while it was moved to version ${table.number}`, {
            cause,
          });
        throw cause;
      }
    },
  };
}

/** Hive's own words for a table whose folder has lists of Parquet files. */
const inputOf = ({ name, description, columns, partitions, location, parameters }: SqlTable): TableInput => ({
  Name: name,
  Description: description,
  TableType: 'EXTERNAL_TABLE',
  Parameters: parameters,
  PartitionKeys: partitions.map((each) => ({ Name: each.name, Type: each.type })),
  StorageDescriptor: {
    Columns: columns.map((each) => ({ Name: each.name, Type: each.type, Comment: each.comment })),
    Location: location,
    InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    SerdeInfo: {
      SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
      Parameters: { 'serialization.format': '1' },
    },
  },
});
