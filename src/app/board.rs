//! A section as a board: a column for each status, in the order of the server.

use crate::estate::Estate;

use super::rows::Rows;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The status.
    pub name: String,
    /// It closes.
    pub closes: bool,
    /// Only its number of cards is shown.
    pub folded: bool,
    /// Its cards, as positions in the order of the rows.
    pub cards: Vec<usize>,
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// Columns in the order of the server.
    pub columns: Vec<Column>,
}

/// A place on a board: column and card.
pub type Spot = (usize, usize);

impl Board {
    /// The board of these rows. Statuses that close are folded unless `closed`.
    pub fn of(rows: &Rows, estate: &Estate, closed: bool) -> Self {
        let mut columns: Vec<Column> = (estate.statuses.iter())
            .map(|status| Column {
                name: status.name.clone(),
                closes: status.closes,
                folded: status.closes && !closed,
                cards: Vec::new(),
            })
            .collect();
        for position in 0..rows.len() {
            let row = rows.at(position).and_then(|at| estate.tickets.get(at));
            let name = row.map(|row| row.ticket.status.name.as_str());
            if let Some(column) = columns.iter_mut().find(|c| Some(c.name.as_str()) == name) {
                column.cards.push(position);
            }
        }
        Self { columns }
    }

    /// Where the card at a position of the rows is, unless it is folded away.
    pub fn spot(&self, position: usize) -> Option<Spot> {
        self.columns.iter().enumerate().find_map(|(at, column)| {
            let card = column.cards.iter().position(|card| *card == position)?;
            (!column.folded).then_some((at, card))
        })
    }

    /// The first card that is shown.
    pub fn first(&self) -> Option<usize> {
        let mut open = self.columns.iter().filter(|column| !column.folded);
        open.find_map(|column| column.cards.first()).copied()
    }

    /// The card so many columns further, as near to the same height as can be; columns without cards are passed over.
    pub fn across(&self, (column, card): Spot, right: bool) -> Option<usize> {
        let there = |at: &usize| {
            let column = self.columns.get(*at);
            column.is_some_and(|column| !column.folded && !column.cards.is_empty())
        };
        let next = if right {
            (column + 1..self.columns.len()).find(there)
        } else {
            (0..column).rev().find(there)
        }?;
        let cards = &self.columns.get(next)?.cards;
        cards.get(card.min(cards.len().saturating_sub(1))).copied()
    }

    /// The card so many further down the column.
    pub fn along(&self, (column, card): Spot, by: isize) -> Option<usize> {
        let cards = &self.columns.get(column)?.cards;
        let to = card
            .saturating_add_signed(by)
            .min(cards.len().saturating_sub(1));
        cards.get(to).copied()
    }
}
