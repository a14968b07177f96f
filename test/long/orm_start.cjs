/*
 * test/long/orm_start.cjs
 *	  An application starts: its ORM looks whether the schema is up to date,
 *	  then reads and writes a little.
 *
 * usage: node orm_start.cjs sequelize|sequelize5|knex last
 *
 * Of its migrations those up to number "last" are there.  Prints "started", or
 * the SQLSTATE and message of what the server refused.  Run where the packages
 * are installed.
 */
'use strict';
const { createRequire } = require('module');
const path = require('path');
const need = createRequire(path.join(process.cwd(), 'package.json'));
const [library, last] = [process.argv[2], Number(process.argv[3])];
const socket = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: 'app', database: process.env.PGDATABASE };

async function withSequelize() {
	const { Sequelize, DataTypes } = need(library);
	const { Umzug, SequelizeStorage } = need('umzug');
	const sequelize = new Sequelize(socket.database, socket.user, null, { dialect: 'postgres', host: socket.host,
		port: socket.port, logging: process.env.ORM_LOG ? console.error : false });
	const Patient = sequelize.define('Patient', {
		name: { type: DataTypes.STRING(50), allowNull: false, unique: true },
		state: DataTypes.ENUM('well', 'ill')
	});
	const Visit = sequelize.define('Visit', { at: DataTypes.DATEONLY }, { indexes: [{ fields: ['at'] }] });
	Patient.hasMany(Visit);
	const migrations = [
		{ name: '1-patients', up: () => Patient.sync() },
		{ name: '2-visits', up: () => Visit.sync() },
		{ name: '3-new', up: ({ context }) => context.addColumn('Patients', 'added', DataTypes.TEXT) }
	].slice(0, last);
	const umzug = new Umzug({ migrations, context: sequelize.getQueryInterface(),
		storage: new SequelizeStorage({ sequelize }), logger: undefined });

	try {
		await umzug.up();
		await sequelize.sync();
		await Patient.findOrCreate({ where: { name: 'Ann' }, defaults: { state: 'well' } });
		await sequelize.transaction(async transaction => {
			const ben = await Patient.findOrCreate({ where: { name: 'Ben' }, transaction });
			await Visit.bulkCreate([{ at: '2026-01-01', PatientId: ben[0].id }, { at: '2026-01-02' }], { transaction });
			await Patient.upsert({ name: 'Ann', state: 'ill' }, { transaction });
		});
		await Visit.destroy({ where: {} });
		return (await Patient.findAll({ include: Visit })).length;
	} finally {
		await sequelize.close();
	}
}

async function withKnex() {
	const knex = need('knex')({ client: 'pg', connection: socket, pool: { min: 0, max: 4 } });
	const sources = [
		{ name: '1-wards', up: k => k.schema.createTable('wards', t => { t.increments(); t.string('name').unique(); }) },
		{ name: '2-beds', up: k => k.schema.createTable('beds', t => {
			t.bigIncrements(); t.integer('ward_id').references('wards.id'); t.jsonb('note'); t.index('ward_id'); }) },
		{ name: '3-new', up: k => k.schema.alterTable('beds', t => { t.boolean('added'); }) }
	].slice(0, last);
	const migrationSource = { getMigrations: async () => sources, getMigrationName: m => m.name, getMigration: async m => ({ up: m.up, down: m.up }) };

	try {
		await knex.migrate.latest({ migrationSource });
		await knex.transaction(async trx => {
			await trx('wards').insert({ name: 'A' }).onConflict('name').ignore();
			await trx('beds').insert([{ ward_id: 1, note: { clean: true } }, { ward_id: 1 }]);
		});
		await knex('beds').update({ note: null }).where('id', '>', 0);
		await knex('beds').del();
		return (await knex('wards').leftJoin('beds', 'wards.id', 'beds.ward_id').select('*')).length;
	} finally {
		await knex.destroy();
	}
}

(library === 'knex' ? withKnex : withSequelize)().then(
	rows => console.log(rows > 0 ? 'started' : 'no rows'),
	error => {
		const cause = error.parent || (error.cause && error.cause.parent) || error.cause || error;
		console.log(cause.code, cause.message);
	});
